{#-
  What a word tells of a name, in ten-thousandths: the logarithm of its share among all names, 10,000 from one in 100,000 down.
  Short words, mostly initials, tell less than their share says, since few can be made. Without a share, for a word that no
  recipient has, the weight of the rarest.
-#}
{% macro word_weight(word, frequency=none) -%}
    cast(
        {% if frequency %}{{ word_rarity(frequency) }} * {% endif -%}
        case length({{ word }}) when 1 then 4000 when 2 then 5500 when 3 then 7000 when 4 then 8000 when 5 then 9000 else 10000 end
    as integer)
{%- endmacro %}

{#- The logarithm of a word's share among all names, as a share of that of the rarest words. -#}
{% macro word_rarity(frequency) -%}
    least(1.0, ln({{ frequency }}) / ln(0.00001))
{%- endmacro %}

{#- Words that tell nothing between the others of a name. -#}
{% macro connecting_words() -%}
    {{ return(['AND', 'OF', 'FOR', 'THE', 'IN']) }}
{%- endmacro %}

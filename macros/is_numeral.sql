{#-
  Whether a word counts something: digits, or a Roman number up to XXXIX. Single letters are initials more often than numbers, so they are
  left to `is_numeral_or_letter`, for names of which the other has a number in their place.
-#}
{% macro is_numeral(word) -%}
    {{ regex_matches(word, '[0-9]+|II|III|IV|VI|VII|VIII|IX|X{1,3}(?:I|II|III|IV|V|VI|VII|VIII|IX)|XX|XXX') }}
{%- endmacro %}

{% macro is_numeral_or_letter(word) -%}
    ({{ is_numeral(word) }} or {{ word }} in ('I', 'V', 'X'))
{%- endmacro %}

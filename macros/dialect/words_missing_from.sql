{#- The words of one text that the other does not have, in order, with a space between; an empty text where it has them all. -#}
{% macro words_missing_from(text, other) -%}
    {{ return(adapter.dispatch('words_missing_from')(text, other)) }}
{%- endmacro %}

{% macro duckdb__words_missing_from(text, other) -%}
    array_to_string(
        list_filter(string_split({{ text }}, ' '), lambda word: not list_contains(string_split({{ other }}, ' '), word)), ' '
    )
{%- endmacro %}

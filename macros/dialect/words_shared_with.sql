{#- The words of one text that the other has too, in the order of the first, with a space between. -#}
{% macro words_shared_with(text, other) -%}
    {{ return(adapter.dispatch('words_shared_with')(text, other)) }}
{%- endmacro %}

{% macro duckdb__words_shared_with(text, other) -%}
    array_to_string(
        list_filter(string_split({{ text }}, ' '), lambda word: list_contains(string_split({{ other }}, ' '), word)), ' '
    )
{%- endmacro %}

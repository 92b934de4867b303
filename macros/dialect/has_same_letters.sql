{#- True where two words are made of the same letters, in whatever order. -#}
{% macro has_same_letters(word, other) -%}
    {{ return(adapter.dispatch('has_same_letters')(word, other)) }}
{%- endmacro %}

{% macro duckdb__has_same_letters(word, other) -%}
    list_sort(string_split({{ word }}, '')) = list_sort(string_split({{ other }}, ''))
{%- endmacro %}

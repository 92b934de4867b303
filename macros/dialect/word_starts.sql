{#- The first letters of each word of a name, in alphabetical order, connecting words left out. -#}
{% macro word_starts(name, letters) -%}
    {{ return(adapter.dispatch('word_starts')(name, letters)) }}
{%- endmacro %}

{% macro duckdb__word_starts(name, letters) -%}
    array_to_string(list_sort(list_transform(
        list_filter(string_split({{ name }}, ' '), lambda word: word not in ('{{ connecting_words() | join("', '") }}')),
        lambda word: left(word, {{ letters }})
    )), ' ')
{%- endmacro %}

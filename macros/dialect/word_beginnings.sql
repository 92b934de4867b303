{#- One row for each shorter beginning of a word that holds at least a share of its letters: the expression to put in a select list. -#}
{% macro word_beginnings(word, share) -%}
    {{ return(adapter.dispatch('word_beginnings')(word, share)) }}
{%- endmacro %}

{% macro duckdb__word_beginnings(word, share) -%}
    unnest(list_transform(
        generate_series(cast(ceil({{ share }} * length({{ word }})) as bigint), length({{ word }}) - 1),
        lambda letters: left({{ word }}, letters)
    ))
{%- endmacro %}

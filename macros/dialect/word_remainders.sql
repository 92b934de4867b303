{#-
  One row for a word and one for each way to take one of its letters out: the expression to put in a select list. Two words
  that are one edit apart share one of these.
-#}
{% macro word_remainders(word) -%}
    {{ return(adapter.dispatch('word_remainders')(word)) }}
{%- endmacro %}

{% macro duckdb__word_remainders(word) -%}
    unnest(list_transform(
        generate_series(0, length({{ word }})),
        lambda place: case when place = 0 then {{ word }} else left({{ word }}, place - 1) || substr({{ word }}, place + 1) end
    ))
{%- endmacro %}

{#-
  One row per item of an array written as text, `{"A, INC",B}` as PostgreSQL does or `["A, INC","B"]`: the expression to put
  in a select list. Items keep their quotes.
-#}
{% macro array_items(expression) -%}
    {{ return(adapter.dispatch('array_items')(expression)) }}
{%- endmacro %}

{% macro duckdb__array_items(expression) -%}
    unnest(regexp_extract_all({{ expression }}, '"(?:[^"\\]|\\.)*"|[^,{}\[\]"]+'))
{%- endmacro %}

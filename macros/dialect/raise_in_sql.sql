{#- A boolean expression that stops the statement with the given message (a SQL text expression). -#}
{% macro raise_in_sql(message) -%}
    {{ return(adapter.dispatch('raise_in_sql')(message)) }}
{%- endmacro %}

{% macro duckdb__raise_in_sql(message) -%}
    error({{ message }})
{%- endmacro %}

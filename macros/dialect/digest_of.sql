{#- A number for the values of some columns: equal values have equal numbers, others nearly never. -#}
{% macro digest_of(columns) -%}
    {{ return(adapter.dispatch('digest_of')(columns)) }}
{%- endmacro %}

{% macro duckdb__digest_of(columns) -%}
    hash({{ columns | join(', ') }})
{%- endmacro %}

{#- A whole number as people write it: 104,640. -#}
{% macro with_thousands(expression) -%}
    {{ return(adapter.dispatch('with_thousands')(expression)) }}
{%- endmacro %}

{% macro duckdb__with_thousands(expression) -%}
    format('{:,}', cast({{ expression }} as bigint))
{%- endmacro %}

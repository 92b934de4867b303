{#- Replaces every match of a regular expression (the common subset of RE2 and Java: no look-around). -#}
{% macro regex_replace(expression, pattern, replacement='') -%}
    {{ return(adapter.dispatch('regex_replace')(expression, pattern, replacement)) }}
{%- endmacro %}

{% macro duckdb__regex_replace(expression, pattern, replacement) -%}
    regexp_replace({{ expression }}, '{{ pattern }}', '{{ replacement }}', 'g')
{%- endmacro %}

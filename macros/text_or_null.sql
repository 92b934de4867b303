{#- Text without outer and repeated white space; null where nothing is left. -#}
{% macro text_or_null(expression) -%}
    nullif(trim({{ regex_replace(expression, '\\s+', ' ') }}), '')
{%- endmacro %}

{#- Several replacements, pairs of a regular expression and what it becomes, one after the other. -#}
{% macro replace_in_turn(expression, steps) -%}
    {%- set ns = namespace(sql=expression) -%}
    {%- for pattern, replacement in steps -%}
        {%- set ns.sql = regex_replace(ns.sql, pattern, replacement) -%}
    {%- endfor -%}
    {{ return(ns.sql) }}
{%- endmacro %}

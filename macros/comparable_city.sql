{#- A city's name as it is compared: N. FALMOUTH and North Falmouth, St. Louis and SAINT LOUIS, are one. -#}
{% macro comparable_city(expression) -%}
    {%- set steps = [
        ('[^A-Z ]', ' '), (' +', ' '), ('^ ', ''), (' $', ''),
        ('^N ', 'NORTH '), ('^S ', 'SOUTH '), ('^E ', 'EAST '), ('^W ', 'WEST '), ('^ST ', 'SAINT '), ('^FT ', 'FORT '), ('^MT ', 'MOUNT '),
    ] -%}
    {%- set ns = namespace(sql=without_accents('upper(' ~ expression ~ ')')) -%}
    {%- for pattern, replacement in steps -%}
        {%- set ns.sql = regex_replace(ns.sql, pattern, replacement) -%}
    {%- endfor -%}
    nullif({{ ns.sql }}, '')
{%- endmacro %}

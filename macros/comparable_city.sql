{#- A city's name as it is compared: N. FALMOUTH and North Falmouth, St. Louis and SAINT LOUIS, are one. -#}
{% macro comparable_city(expression) -%}
    {%- set steps = [
        ('[^A-Z ]', ' '), (' +', ' '), ('^ ', ''), (' $', ''),
        ('^N ', 'NORTH '), ('^S ', 'SOUTH '), ('^E ', 'EAST '), ('^W ', 'WEST '), ('^ST ', 'SAINT '), ('^FT ', 'FORT '), ('^MT ', 'MOUNT '),
    ] -%}
    nullif({{ replace_in_turn(without_accents('upper(' ~ expression ~ ')'), steps) }}, '')
{%- endmacro %}

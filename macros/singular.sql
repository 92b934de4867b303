{#- A word without its plural ending: SYSTEMS gives SYSTEM, TECHNOLOGIES gives TECHNOLOGY. -#}
{% macro singular(expression) -%}
    {{ regex_replace(regex_replace(expression, '([A-Z]{2})IES$', '\\1Y'), '([A-Z]{2}[^SUI])S$', '\\1') }}
{%- endmacro %}

{#- The federal fiscal year of a date: it begins on 1 October of the calendar year before. -#}
{% macro fiscal_year(date) -%}
    cast(extract(year from {{ date }}) + case when extract(month from {{ date }}) >= 10 then 1 else 0 end as integer)
{%- endmacro %}

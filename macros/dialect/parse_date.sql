{#-
  A text as a date. The published files use ISO dates, `06-04-2019`, `6/4/2019` and `April 01, 2019`;
  anything else, impossible days included, is null.
-#}
{% macro parse_date(expression) -%}
    {{ return(adapter.dispatch('parse_date')(expression)) }}
{%- endmacro %}

{% macro duckdb__parse_date(expression) -%}
    cast(coalesce(
        try_strptime(left(trim({{ expression }}), 10), '%Y-%m-%d'),
        try_strptime(trim({{ expression }}), ['%m-%d-%Y', '%m/%d/%Y', '%B %d, %Y', '%b %d, %Y'])
    ) as date)
{%- endmacro %}

{#-
  The names that one spelling gives beside the first: `X INC DBA Y` also names Y. Renders CTEs over a relation of distinct company
  names, the CTE `further_names` last: one row per company_name and further_name.
-#}
{% macro further_names(spellings) -%}
    marked as (
        select
            company_name,
            {{ regex_replace('upper(company_name)', '(\\S)' ~ alias_marker(), '\\1~~') }} as marked_name
        from {{ spellings }}
        where {{ regex_contains('upper(company_name)', alias_marker()) }}
    ),

    parts as (
        select
            company_name,
            {{ split_rows_in_order('marked_name', '~~') }}
        from marked
    ),

    further_names as (
        select distinct
            company_name,
            {{ text_or_null(regex_replace('word', '[()]', ' ')) }} as further_name
        from parts
        where position > 1 and {{ text_or_null(regex_replace('word', '[()]', ' ')) }} is not null
    )
{%- endmacro %}

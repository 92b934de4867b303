{#-
  One row per part of a text split at a separator: the expression to put in a select list,
  beside the columns that repeat for each part.
-#}
{% macro split_rows(expression, separator) -%}
    {{ return(adapter.dispatch('split_rows')(expression, separator)) }}
{%- endmacro %}

{% macro duckdb__split_rows(expression, separator) -%}
    unnest(string_split({{ expression }}, '{{ separator }}'))
{%- endmacro %}

{#- Likewise with the place of each part, from 1: the expressions for the columns `word` and `position`. -#}
{% macro split_rows_in_order(expression, separator) -%}
    {{ return(adapter.dispatch('split_rows_in_order')(expression, separator)) }}
{%- endmacro %}

{% macro duckdb__split_rows_in_order(expression, separator) -%}
    unnest(string_split({{ expression }}, '{{ separator }}')) as word,
    generate_subscripts(string_split({{ expression }}, '{{ separator }}'), 1) as position
{%- endmacro %}

{#- The n-th part of a text split at a separator, counted from the end (1 = last); null or empty where there are fewer. -#}
{% macro part_from_end(expression, separator, position) -%}
    {{ return(adapter.dispatch('part_from_end')(expression, separator, position)) }}
{%- endmacro %}

{% macro duckdb__part_from_end(expression, separator, position) -%}
    split_part({{ expression }}, '{{ separator }}', -{{ position }})
{%- endmacro %}

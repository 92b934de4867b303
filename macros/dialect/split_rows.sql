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

{#- The n-th part of a text split at a separator, counted from the end (1 = last); null or empty where there are fewer. -#}
{% macro part_from_end(expression, separator, position) -%}
    {{ return(adapter.dispatch('part_from_end')(expression, separator, position)) }}
{%- endmacro %}

{% macro duckdb__part_from_end(expression, separator, position) -%}
    split_part({{ expression }}, '{{ separator }}', -{{ position }})
{%- endmacro %}

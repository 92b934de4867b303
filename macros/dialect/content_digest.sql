{#-
  A table function of the working file, `observability.content_digest(table_name)`, so that publishing takes the same digest as the build: one row, one column of the same name.
-#}
{% macro create_content_digest() -%}
    {{ return(adapter.dispatch('create_content_digest')()) }}
{%- endmacro %}

{% macro duckdb__create_content_digest() -%}
    {%- do run_query(
        'create or replace macro observability.content_digest(table_name) as table '
        ~ content_fingerprint('query_table(table_name)', 'content_digest')
    ) -%}
{%- endmacro %}

{% macro content_digest(table_name) -%}
    {{ return("observability.content_digest('" ~ table_name ~ "')") }}
{%- endmacro %}

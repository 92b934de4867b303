{#-
  Writes what the project says of a table and its columns into the database, all in one statement: dbt's own way asks for the
  table's columns first, which takes longer than to make a small table. A described column that is not there is an error.
-#}
{% macro describe_table(relation, described) -%}
    {%- set comments = ['comment on table ' ~ relation ~ ' is ' ~ sql_text(described.description)] -%}
    {%- for column in described.columns.values() -%}
        {%- do comments.append('comment on column ' ~ relation ~ '.' ~ column.name ~ ' is ' ~ sql_text(column.description)) -%}
    {%- endfor -%}
    {%- do run_query(comments | join(';\n')) -%}
{%- endmacro %}

{#- The dbt source `bookkeeping` describes what is kept beside the models. -#}
{% macro describe_bookkeeping(relation) -%}
    {%- set source = graph.sources.values() | selectattr('source_name', 'equalto', 'bookkeeping') | selectattr('name', 'equalto', relation.identifier) | first -%}
    {%- do describe_table(relation, source) -%}
{%- endmacro %}

{% macro sql_text(text) -%}
    {{ return("'" ~ text | replace("'", "''") ~ "'") }}
{%- endmacro %}

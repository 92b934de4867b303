{#- Writes into the database what the dbt source `bookkeeping` says of a table and its columns. -#}
{% macro describe_bookkeeping(relation) -%}
    {%- set source = graph.sources.values() | selectattr('source_name', 'equalto', 'bookkeeping') | selectattr('name', 'equalto', relation.identifier) | first -%}
    {%- do run_query('comment on table ' ~ relation ~ " is '" ~ source.description | replace("'", "''") ~ "'") -%}
    {%- for column in source.columns.values() -%}
        {%- do run_query('comment on column ' ~ relation ~ '.' ~ column.name ~ " is '" ~ column.description | replace("'", "''") ~ "'") -%}
    {%- endfor -%}
{%- endmacro %}

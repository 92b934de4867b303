{#-
  What a whole, green build left: each table that is published, with a digest of its rows. Publishing asks for it, and refuses tables that
  are not as they are recorded here. A command that built a part, skipped tests or failed records nothing; one that failed takes
  the record away, since what it tested is in doubt.
-#}
{% macro whole_build_relation() -%}
    {{ return(api.Relation.create(database=target.database, schema='observability', identifier='whole_build')) }}
{%- endmacro %}

{% macro record_whole_build(results) -%}
    {%- if execute and flags.WHICH in ('build', 'run', 'test', 'seed') -%}
        {%- set failed = results | selectattr('status', 'in', ['error', 'fail', 'runtime error', 'partial success']) | list -%}
        {#- Gates that `dbt test` asks fail by a setting of that command, and publishing asks them again. -#}
        {%- if flags.WHICH == 'test' and failed | map(attribute='node.fqn') | map(attribute=1) | unique | list == ['gates'] -%}
        {%- elif failed -%}
            {%- do run_query('drop table if exists ' ~ whole_build_relation()) -%}
            {%- do adapter.commit() -%}
        {%- elif flags.WHICH == 'build' and is_whole_build(results) -%}
            {%- do write_whole_build() -%}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}

{#- Whether a command ran every model, seed and data test of the project, and all of them ended well. -#}
{% macro is_whole_build(results) -%}
    {%- set done = results | selectattr('status', 'in', ['success', 'pass', 'warn']) | map(attribute='node.unique_id') | list -%}
    {%- for node in graph.nodes.values() -%}
        {%- if node.resource_type in ('model', 'seed', 'test') and node.unique_id not in done -%}
            {{ return(false) }}
        {%- endif -%}
    {%- endfor -%}
    {{ return(true) }}
{%- endmacro %}

{% macro write_whole_build() -%}
    {%- set relation = whole_build_relation() -%}
    {%- do create_content_digest() -%}
    {%- set parts = [] -%}
    {%- for node in graph.nodes.values() -%}
        {%- if node.resource_type == 'model' and node.schema in published_schemas() and node.config.materialized != 'view' -%}
            {%- set name = node.schema ~ '.' ~ node.name -%}
            {%- do parts.append("select '" ~ name ~ "' as table_name, content_digest as contents from " ~ content_digest(name)) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- do run_query(
        'create or replace table ' ~ relation ~ " as select table_name, contents, '" ~ invocation_id ~ "' as invocation_id, localtimestamp as built_at from ("
        ~ parts | join(' union all ') ~ ')'
    ) -%}
    {%- do describe_bookkeeping(relation) -%}
    {%- do adapter.commit() -%}
{%- endmacro %}

{#- The schemas of which every table is published. -#}
{% macro published_schemas() -%}
    {{ return(['enrichment', 'analytics', 'quality', 'observability']) }}
{%- endmacro %}

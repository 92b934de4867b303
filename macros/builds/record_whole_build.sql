{#-
  What a whole, green build left: each table that is published, with a digest of its rows. Publishing asks for it, and refuses tables that
  are not as they are recorded here. A command that built a part, skipped tests or failed records nothing; one that failed takes
  the record away, since what it tested is in doubt. What a failed build had done stays noted, so that a command that does the rest,
  such as `dbt retry`, makes it whole.
-#}
{% macro whole_build_relation() -%}
    {{ return(api.Relation.create(database=target.database, schema='observability', identifier='whole_build')) }}
{%- endmacro %}

{#- The nodes that a failed build had done: column node. -#}
{% macro unfinished_build_relation() -%}
    {{ return(api.Relation.create(database=target.database, schema='observability', identifier='unfinished_build')) }}
{%- endmacro %}

{% macro record_whole_build(results) -%}
    {%- if execute and flags.WHICH in ('build', 'run', 'test', 'seed') -%}
        {%- set failed = results | selectattr('status', 'in', ['error', 'fail', 'runtime error', 'partial success']) | list -%}
        {%- set done = results | selectattr('status', 'in', ['success', 'pass', 'warn']) | map(attribute='node.unique_id') | list -%}
        {%- set earlier = nodes_done_before(results) -%}
        {#- Gates that `dbt test` asks fail by a setting of that command, and publishing asks them again. -#}
        {%- if flags.WHICH == 'test' and failed | map(attribute='node.fqn') | map(attribute=1) | unique | list == ['gates'] -%}
        {%- elif failed -%}
            {%- do run_query('drop table if exists ' ~ whole_build_relation()) -%}
            {%- do note_unfinished_build(done + earlier if flags.WHICH == 'build' else []) -%}
            {%- do adapter.commit() -%}
        {%- elif flags.WHICH == 'build' and is_whole_build(done + earlier) -%}
            {%- do write_whole_build() -%}
            {%- do note_unfinished_build([]) -%}
            {%- do adapter.commit() -%}
        {%- elif flags.WHICH == 'run' and depend_on_settings_alone(results) -%}
            {%- do renew_digests(results) -%}
            {%- do adapter.commit() -%}
        {%- elif flags.WHICH != 'test' -%}
            {%- do note_unfinished_build(done + earlier if earlier else []) -%}
            {%- do adapter.commit() -%}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}

{#- Whether a command made nothing but models that people's settings decide, which publishing makes anew by the settings of the day. -#}
{% macro depend_on_settings_alone(results) -%}
    {%- for result in results if 'settings' not in result.node.tags -%}
        {{ return(false) }}
    {%- endfor -%}
    {{ return(results | length > 0) }}
{%- endmacro %}

{#- The whole build that stands has other rows in these tables from now on. -#}
{% macro renew_digests(results) -%}
    {%- set relation = whole_build_relation() -%}
    {%- if adapter.get_relation(relation.database, relation.schema, relation.identifier) -%}
        {%- for result in results -%}
            {%- set name = result.node.schema ~ '.' ~ result.node.name -%}
            {%- do run_query('update ' ~ relation ~ ' set contents = (select content_digest from ' ~ content_digest(name) ~ ") where table_name = '" ~ name ~ "'") -%}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}

{#-
  What the failed build before this command had done, where this command is the rest of it: it ran nothing of that again, so nothing of it
  can stand on other rows now. Otherwise nothing.
-#}
{% macro nodes_done_before(results) -%}
    {%- set relation = unfinished_build_relation() -%}
    {%- set stored = adapter.get_relation(relation.database, relation.schema, relation.identifier) -%}
    {%- set nodes = run_query('select node from ' ~ relation).columns['node'].values() | list if stored else [] -%}
    {%- set ran = results | map(attribute='node.unique_id') | list -%}
    {{ return([] if nodes | select('in', ran) | list else nodes) }}
{%- endmacro %}

{% macro note_unfinished_build(nodes) -%}
    {%- if nodes -%}
        {%- do run_query("create or replace table " ~ unfinished_build_relation() ~ " as select '" ~ nodes | join("' as node union all select '") ~ "' as node") -%}
    {%- else -%}
        {%- do run_query('drop table if exists ' ~ unfinished_build_relation()) -%}
    {%- endif -%}
{%- endmacro %}

{#- Whether every model, seed and data test of the project is done; keys are asked whenever a table is built, their tests ask again. -#}
{% macro is_whole_build(done) -%}
    {%- for node in graph.nodes.values() -%}
        {%- if node.resource_type in ('model', 'seed', 'test') and 'keys' not in node.tags and node.unique_id not in done -%}
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
{%- endmacro %}

{#- The schemas of which every table is published. -#}
{% macro published_schemas() -%}
    {{ return(['enrichment', 'analytics', 'quality', 'observability']) }}
{%- endmacro %}

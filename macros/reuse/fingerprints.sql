{#-
  What a table was made of, in one text: where it is the same as before, so is the table. Kept with the tables themselves in
  `observability.fingerprints`, written in the transaction that writes the table.
-#}
{% macro fingerprints_relation() -%}
    {{ return(api.Relation.create(database=target.database, schema='observability', identifier='fingerprints')) }}
{%- endmacro %}

{#-
  The fingerprint of a model: of its SQL, its columns as described, its constraints, and the tables that these read, also where an
  ephemeral model has them. What neither a seed, a loaded input nor a reusable table is, such as a view, has no record to be believed:
  its rows are read. With it, the reference tables among the parents, and whether the table that stands is what a
  build would give. Asked in one query: each takes dbt longer than DuckDB.
-#}
{% macro node_fingerprint(node, sql, standing_table=none) -%}
    {%- set parts = [sql, node.description, node.columns | string, node.constraints | string] -%}
    {%- set text = parts | join('\n') -%}
    {%- set parents = ['code'] -%}
    {%- for parent in graph.nodes.values() | list + graph.sources.values() | list -%}
        {%- if parent.relation_name and parent.relation_name in text and parent.unique_id != node.unique_id -%}
            {%- if parent.resource_type == 'seed' or parent.schema == 'raw' or parent.config.get('materialized') == 'reusable_table' -%}
                {%- do parents.append(parent.unique_id) -%}
            {%- else -%}
                {%- do parts.append(parent.unique_id ~ ' ' ~ run_query(content_fingerprint(parent.relation_name))[0][0]) -%}
            {%- endif -%}
        {%- endif -%}
    {%- endfor -%}
    {%- set recorded = run_query(
        'select node, fingerprint, rule_digest is not null and contents = '
        ~ ('(' ~ content_fingerprint(standing_table) ~ ')' if standing_table is not none else 'null') ~ ' as is_whole from ' ~ fingerprints_relation()
        ~ " where node in ('" ~ (parents + [node.unique_id]) | join("', '") ~ "') order by node"
    ) -%}
    {%- set reference_tables = [] -%}
    {%- for row in recorded if row['node'] != node.unique_id -%}
        {%- do parts.append(row['node'] ~ ' ' ~ row['fingerprint']) -%}
        {%- if row['node'].startswith('seed.') -%}
            {%- do reference_tables.append(row['node'] ~ ' ' ~ row['fingerprint']) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- set own = recorded | selectattr('node', 'equalto', node.unique_id) | list -%}
    {%- if recorded | length - own | length < parents | length -%}
        {%- do parts.append(invocation_id) -%}
    {%- endif -%}
    {%- set fingerprint = local_md5(parts | join('\n')) -%}
    {{ return({
        'fingerprint': fingerprint,
        'reference_tables': reference_tables,
        'is_reusable': not flags.FULL_REFRESH and own | length == 1 and own[0]['fingerprint'] == fingerprint and own[0]['is_whole'],
    }) }}
{%- endmacro %}

{#-
  The rules in a model: its SQL without comments, and the reference tables it reads. Inputs and what people decided are no rules.
-#}
{% macro rule_digest(sql, reference_tables) -%}
    {%- set parts = [modules.re.sub('\\s+', ' ', modules.re.sub('(?m)^\\s*--.*$', '', sql))] -%}
    {%- for table in reference_tables if '.match_decisions ' not in table -%}
        {%- do parts.append(table) -%}
    {%- endfor -%}
    {{ return(local_md5(parts | join('\n'))) }}
{%- endmacro %}

{#- One digest of all rules that made the links as they stand: those of every model above the enriched table, and the code they call. -#}
{% macro link_rules() -%}
    {%- if not execute or flags.WHICH not in ('build', 'run') -%}
        {{ return('') }}
    {%- endif -%}
    {%- set models = ['model.' ~ project_name ~ '.enriched_sbir_awards'] -%}
    {%- for model_id in models -%}
        {%- for parent_id in graph.nodes[model_id].depends_on.nodes -%}
            {%- if parent_id.startswith('model.') and parent_id not in models -%}
                {%- do models.append(parent_id) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- set recorded = run_query(
        'select node, coalesce(rule_digest, fingerprint) as rules from ' ~ fingerprints_relation()
        ~ " where node in ('code', '" ~ models | join("', '") ~ "') order by node"
    ) -%}
    {%- set parts = [] -%}
    {%- for row in recorded -%}
        {%- do parts.append(row['node'] ~ ' ' ~ row['rules']) -%}
    {%- endfor -%}
    {{ return(local_md5(parts | join('\n'))) }}
{%- endmacro %}

{#- The digest of an input as it is loaded; empty where it is not. -#}
{% macro recorded_fingerprint(input) -%}
    {%- if not execute or flags.WHICH not in ('build', 'run') -%}
        {{ return('') }}
    {%- endif -%}
    {%- set recorded = run_query(
        'select fingerprint from ' ~ fingerprints_relation() ~ " where node = 'source." ~ project_name ~ '.raw.' ~ input ~ "'"
    ) -%}
    {{ return(recorded[0][0] if recorded | length else '') }}
{%- endmacro %}

{% macro record_fingerprint(node, fingerprint, relation=none, rule_digest=none) -%}
    {%- do run_query(
        'delete from ' ~ fingerprints_relation() ~ " where node = '" ~ node ~ "'; insert into " ~ fingerprints_relation()
        ~ " (node, fingerprint, rule_digest, contents, row_count) select '" ~ node ~ "', '" ~ fingerprint ~ "', "
        ~ ("'" ~ rule_digest ~ "'" if rule_digest is not none else 'null') ~ ', '
        ~ ('(' ~ content_fingerprint(relation) ~ ')' if relation is not none else 'null') ~ ', '
        ~ ('count(*) from ' ~ relation if relation is not none else 'null')
    ) -%}
{%- endmacro %}

{#- Before a command that makes tables: where their fingerprints are kept. -#}
{% macro make_fingerprints_table() -%}
    {%- if execute and flags.WHICH in ('build', 'run', 'seed') -%}
        {%- do adapter.create_schema(fingerprints_relation()) -%}
        {%- do run_query('create table if not exists ' ~ fingerprints_relation() ~ ' (node text, fingerprint text, row_count bigint)') -%}
        {#- Warehouses of before have no such column; their models are made anew. -#}
        {%- do run_query('alter table ' ~ fingerprints_relation() ~ ' add column if not exists rule_digest text') -%}
        {%- do run_query('alter table ' ~ fingerprints_relation() ~ ' add column if not exists contents text') -%}
        {%- do describe_bookkeeping(fingerprints_relation()) -%}
        {%- do adapter.commit() -%}
    {%- endif -%}
{%- endmacro %}

{#- Before a build: what is loaded, and the code outside of models, as fingerprints of their own. -#}
{% macro record_input_fingerprints() -%}
    {%- if execute and flags.WHICH in ('build', 'run') -%}
        {%- do record_fingerprint('code', run_query('select ' ~ code_version())[0][0]) -%}
        {%- for source in graph.sources.values() if source.schema == 'raw' -%}
            {%- set relation = load_relation(api.Relation.create(database=target.database, schema=source.schema, identifier=source.identifier)) -%}
            {%- if relation is not none -%}
                {%- do record_fingerprint(source.unique_id, run_query(content_fingerprint(relation))[0][0]) -%}
            {%- endif -%}
        {%- endfor -%}
        {%- do adapter.commit() -%}
    {%- endif -%}
{%- endmacro %}

{#-
  Post-hook of every seed, in the transaction that loads it: the file may be newer than what stands in the table, and models read the table.
-#}
{% macro record_seed_fingerprint() -%}
    {%- if execute -%}
        {#- dbt's own checksum of a file above 1 MiB is that of its path. -#}
        {%- set contents = run_query(content_fingerprint(this))[0][0] -%}
        {%- do record_fingerprint(model.unique_id, local_md5(contents ~ model.config.column_types | string)) -%}
    {%- endif -%}
{%- endmacro %}

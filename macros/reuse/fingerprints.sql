{#-
  What a table was made of, in one text: where it is the same as before, so is the table. Kept with the tables themselves in
  `observability.fingerprints`, written in the transaction that writes the table.
-#}
{% macro fingerprints_relation() -%}
    {{ return(api.Relation.create(database=target.database, schema='observability', identifier='fingerprints')) }}
{%- endmacro %}

{#-
  The fingerprint of a model: of its SQL, its columns as described and promised, and the parents that the SQL reads. A parent without one, such as a view, may have
  changed: then no fingerprint is like another.
-#}
{% macro node_fingerprint(node, sql) -%}
    {%- set parts = [sql, node.description, node.columns | string] -%}
    {%- set parents = ['code'] -%}
    {%- for parent_id in node.depends_on.nodes -%}
        {%- set parent = graph.sources.get(parent_id) or graph.nodes[parent_id] -%}
        {%- if parent.relation_name in sql and parent.resource_type == 'seed' -%}
            {%- do parts.append(parent_id ~ ' ' ~ parent.checksum.checksum) -%}
        {%- elif parent.relation_name in sql -%}
            {%- do parents.append(parent_id) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- set recorded = run_query(
        'select node, fingerprint from ' ~ fingerprints_relation() ~ " where node in ('" ~ parents | join("', '") ~ "') order by node"
    ) -%}
    {%- for row in recorded -%}
        {%- do parts.append(row['node'] ~ ' ' ~ row['fingerprint']) -%}
    {%- endfor -%}
    {%- if recorded | length < parents | length -%}
        {%- do parts.append(invocation_id) -%}
    {%- endif -%}
    {{ return(local_md5(parts | join('\n'))) }}
{%- endmacro %}

{% macro is_reusable(relation, fingerprint) -%}
    {%- if flags.FULL_REFRESH -%}
        {{ return(false) }}
    {%- endif -%}
    {%- set recorded = run_query(
        'select count(*) from ' ~ fingerprints_relation() ~ " where node = '" ~ model.unique_id ~ "' and fingerprint = '" ~ fingerprint
        ~ "' and row_count = (select count(*) from " ~ relation ~ ')'
    ) -%}
    {{ return(recorded[0][0] == 1) }}
{%- endmacro %}

{% macro record_fingerprint(node, fingerprint, relation=none) -%}
    {%- do run_query('delete from ' ~ fingerprints_relation() ~ " where node = '" ~ node ~ "'") -%}
    {%- do run_query(
        'insert into ' ~ fingerprints_relation() ~ " select '" ~ node ~ "', '" ~ fingerprint ~ "', "
        ~ ('count(*) from ' ~ relation if relation is not none else 'null')
    ) -%}
{%- endmacro %}

{#- Before a build: what is loaded, and the code outside of models, as fingerprints of their own. -#}
{% macro record_input_fingerprints() -%}
    {%- if execute and flags.WHICH in ('build', 'run') -%}
        {%- do adapter.create_schema(fingerprints_relation()) -%}
        {%- do run_query('create table if not exists ' ~ fingerprints_relation() ~ ' (node text, fingerprint text, row_count bigint)') -%}
        {%- do describe_bookkeeping(fingerprints_relation()) -%}
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

{#-
  The run that the published file holds, as a row of observability.publication. None where nothing is published, or the file cannot be
  read in full or says something else: it holds up no build, since the next publication replaces it. The file is attached to every
  connection as `published` (python_udfs/plugin.py), which warns where it is not.
-#}
{% macro published_run() -%}
    {{ return(adapter.dispatch('published_run')()) }}
{%- endmacro %}

{% macro duckdb__published_run() -%}
    {%- set types = {'version': 'bigint', 'published_at': 'timestamp', 'sources': 'varchar', 'awards': 'bigint', 'match_rate': 'double'} -%}
    {%- if not execute or types | reject('in', published_columns('observability.publication')) | list -%}
        {{ return(none) }}
    {%- endif -%}
    {%- set casts = [] -%}
    {%- for column, type in types.items() -%}
        {%- do casts.append('try_cast(' ~ column ~ ' as ' ~ type ~ ') as ' ~ column) -%}
    {%- endfor -%}
    {%- set runs = run_query(
        'select * from (select ' ~ casts | join(', ') ~ ' from published.observability.publication) where '
        ~ types | join(' is not null and ') ~ ' is not null'
    ) -%}
    {{ return(runs[0] if runs | length == 1 else none) }}
{%- endmacro %}

{#-
  The columns of a table of the published file, but those that the working file has with another type; none where it lacks the table,
  cannot be read or is not there.
-#}
{% macro published_columns(table) -%}
    {{ return(adapter.dispatch('published_columns')(table)) }}
{%- endmacro %}

{% macro duckdb__published_columns(table) -%}
    {%- set schema, name = table.split('.') -%}
    {%- set columns = run_query(
        "select found.column_name from duckdb_columns() as found left join duckdb_columns() as own "
        ~ 'on own.database_name = current_database() and own.schema_name = found.schema_name and own.table_name = found.table_name '
        ~ 'and own.column_name = found.column_name where coalesce(own.data_type = found.data_type, true) '
        ~ 'and found.table_oid in (select table_oid from duckdb_tables() where database_name = found.database_name) '
        ~ "and found.database_name = 'published' and found.schema_name = '" ~ schema ~ "' and found.table_name = '" ~ name ~ "'"
    ) -%}
    {{ return(columns.columns[0].values() | list) }}
{%- endmacro %}

{#-
  What the published version was made of: rows with input, records, identifier_share, is_sample, published_at, match_rate and judged_gates
  (their names, with commas between). None where nothing is published or the file cannot be read.
-#}
{% macro published_inputs() -%}
    {{ return(adapter.dispatch('published_inputs')()) }}
{%- endmacro %}

{% macro duckdb__published_inputs() -%}
    {%- set read = {
        'observability.input_measures': ['input', 'records', 'identifier_share', 'is_sample'],
        'observability.publication': ['published_at', 'match_rate'],
        'quality.gate_results': ['gate', 'verdict'],
    } -%}
    {%- for table, columns in read.items() -%}
        {%- if not execute or columns | reject('in', published_columns(table)) | list -%}
            {{ return([]) }}
        {%- endif -%}
    {%- endfor -%}
    {{ return(run_query("
        select
            inputs.input, inputs.records, inputs.identifier_share, inputs.is_sample, publication.published_at, publication.match_rate,
            (select string_agg(gate, ', ' order by gate) from published.quality.gate_results where verdict <> 'not judged') as judged_gates
        from published.observability.input_measures as inputs
        cross join published.observability.publication as publication
        where inputs.records > 0
        order by inputs.input
    ")) }}
{%- endmacro %}

{#- In one phrase, which run the published file holds. -#}
{% macro describe_published_run() -%}
    {%- set run = published_run() -%}
    {%- if run is none -%}
        {{ return('none yet that can be read' if published_columns('observability.publication') else 'none yet') }}
    {%- endif -%}
    {{ return('untouched, still the run published at ' ~ run['published_at'] ~ ' (' ~ '{:,}'.format(run['awards']) ~ ' awards, ' ~ (100 * run['match_rate']) | round(2) ~ ' % matched)') }}
{%- endmacro %}

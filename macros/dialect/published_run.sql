{#-
  The run that the published file holds, as a row of observability.publication, or none. The file is attached to every connection as
  `published` (python_udfs/plugin.py); one that could not be read in full is asked by itself, and says what is wrong with it.
-#}
{% macro published_run() -%}
    {{ return(adapter.dispatch('published_run')()) }}
{%- endmacro %}

{% macro duckdb__published_run() -%}
    {%- set path = modules.re.sub('build[.]duckdb$', 'sbir.duckdb', target.path).replace("'", "''") -%}
    {%- if not execute or run_query("select count(*) from glob('" ~ path ~ "')")[0][0] == 0 -%}
        {{ return(none) }}
    {%- endif -%}
    {%- set publication = 'observability.publication' -%}
    {%- if run_query("select count(*) from duckdb_databases() where database_name = 'published'")[0][0] -%}
        {%- set runs = run_query('select * from published.' ~ publication) -%}
    {%- else -%}
        {%- do run_query("attach '" ~ path ~ "' as unreadable (read_only)") -%}
        {%- set runs = run_query('select * from unreadable.' ~ publication) -%}
        {%- do run_query('detach unreadable') -%}
    {%- endif -%}
    {{ return(runs[0] if runs | length else none) }}
{%- endmacro %}

{#- The columns of a table of the published file; none where it lacks the table, cannot be read or is not there. -#}
{% macro published_columns(table) -%}
    {{ return(adapter.dispatch('published_columns')(table)) }}
{%- endmacro %}

{% macro duckdb__published_columns(table) -%}
    {%- set schema, name = table.split('.') -%}
    {%- set columns = run_query(
        "select column_name from duckdb_columns() where database_name = 'published' and schema_name = '" ~ schema
        ~ "' and table_name = '" ~ name ~ "'"
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
        {{ return('none yet') }}
    {%- endif -%}
    {{ return('untouched, still the run published at ' ~ run['published_at'] ~ ' (' ~ '{:,}'.format(run['awards']) ~ ' awards, ' ~ (100 * run['match_rate']) | round(2) ~ ' % matched)') }}
{%- endmacro %}

{#-
  The run that the published file holds, as a row of observability.publication, or none; the file is opened read-only for the
  question and let go.
-#}
{% macro published_run() -%}
    {{ return(adapter.dispatch('published_run')()) }}
{%- endmacro %}

{% macro duckdb__published_run() -%}
    {%- set path = modules.re.sub('build[.]duckdb$', 'sbir.duckdb', target.path).replace("'", "''") -%}
    {%- if not execute or run_query("select count(*) from glob('" ~ path ~ "')")[0][0] == 0 -%}
        {{ return(none) }}
    {%- endif -%}
    {%- do run_query("attach '" ~ path ~ "' as published (read_only)") -%}
    {%- set runs = run_query('select * from published.observability.publication') -%}
    {%- do run_query('detach published') -%}
    {{ return(runs[0] if runs | length else none) }}
{%- endmacro %}

{#- In one phrase, which run the published file holds. -#}
{% macro describe_published_run() -%}
    {%- set run = published_run() -%}
    {%- if run is none -%}
        {{ return('none yet') }}
    {%- endif -%}
    {{ return('untouched, still the run published at ' ~ run['published_at'] ~ ' (' ~ '{:,}'.format(run['awards']) ~ ' awards, ' ~ (100 * run['match_rate']) | round(2) ~ ' % matched)') }}
{%- endmacro %}

{#- In one phrase, which run the published file holds; it is opened read-only for the question and let go. -#}
{% macro describe_published_run() -%}
    {{ return(adapter.dispatch('describe_published_run')()) }}
{%- endmacro %}

{% macro duckdb__describe_published_run() -%}
    {%- set path = modules.re.sub('build[.]duckdb$', 'sbir.duckdb', target.path) -%}
    {%- if run_query("select count(*) from glob('" ~ path.replace("'", "''") ~ "')")[0][0] == 0 -%}
        {{ return('none yet') }}
    {%- endif -%}
    {%- do run_query("attach '" ~ path.replace("'", "''") ~ "' as published (read_only)") -%}
    {%- set run = run_query('select published_at, awards, match_rate from published.observability.publication')[0] -%}
    {%- do run_query('detach published') -%}
    {{ return('untouched, still the run published at ' ~ run['published_at'] ~ ' (' ~ '{:,}'.format(run['awards']) ~ ' awards, ' ~ (100 * run['match_rate']) | round(2) ~ ' % matched)') }}
{%- endmacro %}

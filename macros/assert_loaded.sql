{#-
  Before any command that reads data: one line that says how to load, instead of a catalog error. `dbt docs generate` reads
  none and is only told.
-#}
{% macro assert_loaded() -%}
    {%- set inputs = {'awards': source('raw', 'awards'), 'recipients': source('raw', 'recipients')} -%}
    {%- set reference_table = ref('match_methods') -%}
    {%- if execute and flags.WHICH in ('build', 'run', 'test', 'snapshot', 'generate') -%}
        {%- set ns = namespace(missing=[], problem='') -%}
        {%- for input, relation in inputs.items() -%}
            {%- if not load_relation(relation) or not run_query('select 1 from ' ~ relation ~ ' limit 1').rows -%}
                {%- set ns.missing = ns.missing + [input] -%}
            {%- endif -%}
        {%- endfor -%}
        {%- if ns.missing -%}
            {%- set ns.problem = 'No ' ~ ns.missing | join(' and no ') ~ ' are loaded in ' ~ target.path
                ~ '. Load, build and publish the sample with: make build — or your own files: make build AWARDS=… RECIPIENTS=…' -%}
        {%- elif flags.WHICH in ('run', 'test') and not load_relation(reference_table) -%}
            {%- set ns.problem = 'The reference tables are missing in ' ~ target.path ~ '. Make everything in order with: dbt build' -%}
        {%- endif -%}
        {%- if ns.problem and flags.WHICH == 'generate' -%}
            {%- do log(ns.problem, info=true) -%}
        {%- elif ns.problem -%}
            {{ exceptions.raise_database_error(ns.problem) }}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}

{#-
  After a command that judged the gates: each gate's numbers in plain words, and on a failure what was skipped, what the
  published file still holds and where to look. dbt's own line ("Got 1 result") says none of it.
-#}
{% macro report_gates(results) -%}
    {%- if execute and flags.WHICH in ('build', 'run', 'test') and gates_were_judged(results) -%}
        {#- No `ref` here: dbt does not read a hook anew when a macro that it calls has changed. -#}
        {%- set checks = gate_checks(standing_relation, standing_relation) -%}
        {%- set gates = run_query('select gate, verdict, message, culprits from (' ~ checks ~ ') as checks order by gate desc') -%}
        {%- do log('', info=true) -%}
        {%- for gate in gates -%}
            {%- set words = {'passed': ' passed: ', 'failed': ' FAILED: '} -%}
            {#- The message of a gate that was not judged begins with these words. -#}
            {%- do log('Gate ' ~ gate['gate'] ~ words.get(gate['verdict'], ' ') ~ gate['message'], info=true) -%}
        {%- endfor -%}
        {%- set failed = gates | selectattr('verdict', 'equalto', 'failed') | list -%}
        {%- if failed -%}
            {%- set skipped = results | selectattr('status', 'equalto', 'skipped') | list | length -%}
            {%- do log('Skipped below the gates: ' ~ skipped ~ ' nodes. Published file: ' ~ describe_published_run(), info=true) -%}
            {%- for gate in failed -%}
                {%- do log('Culprits of ' ~ gate['gate'] ~ ': ' ~ gate['culprits'] ~ ';', info=true) -%}
            {%- endfor -%}
            {%- if published_run() is not none -%}
                {%- do log('Links lost since the published run, and why: select * from quality.rpt_link_changes order by award_amount desc;', info=true) -%}
            {%- endif -%}
            {%- do log('Look in: ' ~ target.path, info=true) -%}
        {%- elif flags.WHICH == 'build' -%}
            {%- do log('dbt itself publishes nothing: make publish does, and make build as its next step', info=true) -%}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}

{% macro gates_were_judged(results) -%}
    {%- for result in results if result.node.name == 'gate_results' or result.node.fqn[1:2] == ['gates'] -%}
        {%- if result.status not in ('skipped', 'error') -%}
            {{ return(true) }}
        {%- endif -%}
    {%- endfor -%}
    {{ return(false) }}
{%- endmacro %}

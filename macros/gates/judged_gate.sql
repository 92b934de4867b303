{#-
  What a gate's test asks: the gate as the tables and the limits stand now, not the verdict of the last build, so that `dbt test` alone
  judges, too. The `ref` puts the test behind `gate_results`, and so in front of all of analytics. To refer to all the tables that a gate
  asks would have it run whenever one of them is built.
-#}
{% macro judged_gate(gate) -%}
    {%- do ref('gate_results') -%}
    {%- if execute -%}
    select
        gate,
        message
    from ({{ gate_checks(standing_relation, standing_relation) }}) as checks
    where gate = '{{ gate }}' and verdict = 'failed'
    {%- endif -%}
{%- endmacro %}

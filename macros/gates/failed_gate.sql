{#-
  What a gate's test asks: the gate as the tables and the limits stand now, not the verdict of the last build, so that `dbt test` alone
  judges, too. The `ref` puts the test behind `gate_results`, and so in front of all of analytics.
-#}
{% macro failed_gate(gate) -%}
    {%- do ref('gate_results') -%}
    select
        gate,
        message
    from ({{ gate_checks() }}) as checks
    where gate = '{{ gate }}' and not is_passed
{%- endmacro %}

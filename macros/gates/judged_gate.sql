{#-
  What a gate's test asks: the gate as the tables and the limits stand now, not the verdict of the last build, so that `dbt test` alone
  judges, too. The `ref` puts the test behind `gate_results`, and so in front of all of analytics.
-#}
{% macro judged_gate(gate) -%}
    {{ config(fail_calc='count(case when not is_passed then 1 end)') }}
    {%- do ref('gate_results') -%}
    select
        gate,
        is_passed,
        message,
        culprits
    from ({{ gate_checks() }}) as checks
    where gate = '{{ gate }}'
{%- endmacro %}

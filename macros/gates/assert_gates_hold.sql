{#-
  The second lock, a pre-hook of every analytics model: recomputes the gates on the enriched table as it stands and stops the
  model where one fails. It holds where dbt tests do not run: `dbt run`, `build -s`, without tests, `--fail-fast`. The `ref` puts every
  analytics model below the gate tests.
-#}
{% macro assert_gates_hold() -%}
    {%- do ref('gate_results') -%}
    {%- if execute and not load_relation(ref('enriched_sbir_awards')) -%}
        {{ exceptions.raise_compiler_error("enriched_sbir_awards is not built yet, so no gate can be checked. Run: dbt build") }}
    {%- endif -%}
    select case when count(*) > 0 then {{ raise_in_sql("'Gate failed, nothing below it is built: ' || string_agg(gate || ': ' || message, '; ' order by gate)") }} end
    from ({{ gate_checks() }}) as checks
    where verdict = 'failed'
{%- endmacro %}

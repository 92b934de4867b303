{#-
  A table that is built anew only where something it is made of changed: its SQL, what it reads, the code of the UDFs, the engine.
  Otherwise the table that stands is what a build would give, and is kept. `--full-refresh` builds in any case. Hooks run
  either way: a failed gate stops an analytics model whether or not it would be built.
-#}
{% materialization reusable_table, adapter='duckdb' %}
    {%- set target_relation = this.incorporate(type='table') -%}
    {%- set existing_relation = load_cached_relation(this) -%}

    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}

    {%- set standing_table = existing_relation if existing_relation is not none and existing_relation.is_table else none -%}
    {%- set found = node_fingerprint(model, compiled_code, standing_table) -%}
    {%- if found.is_reusable -%}
        {%- call noop_statement('main', 'KEPT') -%}
            {{ compiled_code }}
        {%- endcall -%}
    {%- else -%}
        {%- if existing_relation is not none and not existing_relation.is_table -%}
            {%- do adapter.drop_relation(existing_relation) -%}
        {%- endif -%}
        {%- set is_contract_enforced = config.get('contract').enforced -%}
        {%- call statement('main', fetch_result=True) -%}
            {%- if is_contract_enforced %}{{ get_assert_columns_equivalent(compiled_code) }}{% endif %}
            create or replace table {{ target_relation }} as (
                {{ get_select_subquery(compiled_code) if is_contract_enforced else compiled_code }}
            )
        {%- endcall -%}
        {#- DuckDB answers with the number of rows; dbt tells it beside the model's name. -#}
        {%- set row_count = load_result('main')['table'][0][0] -%}
        {%- do store_raw_result('main', message='OK ' ~ row_count ~ ' rows', code=none, rows_affected=row_count) -%}
        {%- do assert_constraints_hold(target_relation, model) -%}
        {%- do describe_table(target_relation, model) -%}
        {%- do record_fingerprint(model.unique_id, found.fingerprint, target_relation, rule_digest(compiled_code, found.reference_tables)) -%}
    {%- endif -%}

    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {%- do adapter.commit() -%}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}

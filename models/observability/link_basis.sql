-- Purpose: what the links of this build rest on, its rules and its inputs, as digests: so that another build can say what
-- differed.
-- Grain: one row.
-- depends_on: {{ ref('enriched_sbir_awards') }}
select
    '{{ link_rules() }}' as rules,
    cast({{ threshold('accept_score') / 100 }} as double) as accept_score,
    '{{ recorded_fingerprint("awards") }}' as awards,
    '{{ recorded_fingerprint("recipients") }}' as recipients,
    '{{ recorded_fingerprint("prime_awards") }}' as prime_awards

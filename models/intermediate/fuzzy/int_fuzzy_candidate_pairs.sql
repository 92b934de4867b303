-- Purpose: blocking: the names worth comparing, those that share a rare word or begin alike; never all against all.
-- Grain: one row per firm name and recipient name.
with firm_names as (

    select distinct normalized_name from {{ ref('int_fuzzy_firms') }}

),

recipient_names as (

    select distinct normalized_name from {{ ref('int_recipient_names') }}

),

firm_keys as (

    {{ blocking_keys('firm_names') }}

),

recipient_keys as (

    {{ blocking_keys('recipient_names') }}

),

wanted_keys as (

    select distinct blocking_key from firm_keys

),

met_keys as (

    select recipient_keys.*
    from recipient_keys
    inner join wanted_keys
        on recipient_keys.blocking_key = wanted_keys.blocking_key

),

rare_keys as (

    select
        blocking_key,
        count(*) as recipient_name_count
    from met_keys
    group by blocking_key
    having count(*) <= {{ threshold('max_names_per_blocking_key') }}

),

final as (

    select
        firm_keys.normalized_name as firm_name,
        met_keys.normalized_name as recipient_name,
        min(rare_keys.recipient_name_count) as rarest_key_count
    from firm_keys
    inner join rare_keys
        on firm_keys.blocking_key = rare_keys.blocking_key
    inner join met_keys
        on firm_keys.blocking_key = met_keys.blocking_key
    group by firm_keys.normalized_name, met_keys.normalized_name

)

select * from final

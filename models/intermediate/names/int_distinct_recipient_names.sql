-- Purpose: the normalised names that recipients go by, parents' names included: what firms' names are compared with.
-- Grain: one row per normalised name.
with names as (

    select
        normalized_name,
        max(may_be_cut) as may_be_cut,
        count(*) as recipient_count
    from {{ ref('int_recipient_names') }}
    group by normalized_name

),

final as (

    select
        normalized_name,
        may_be_cut,
        recipient_count,
        {{ name_forms('normalized_name') }}
    from names

)

select * from final

-- Purpose: the normalised names that take part in linking: those of firms and those of recipients, parents' names included.
-- Grain: one row per normalised name.
with recipient_names as (

    select
        normalized_name,
        max(may_be_cut) as may_be_cut
    from {{ ref('int_recipient_names') }}
    group by normalized_name

),

firm_cuts as (

    select
        normalized_name,
        max(may_be_cut) as may_be_cut
    from {{ ref('int_firm_names') }}
    group by normalized_name

),

final as (

    select
        coalesce(recipient_names.normalized_name, firm_cuts.normalized_name) as normalized_name,
        -- What recipients' names are made of must not depend on the awards.
        coalesce(recipient_names.may_be_cut, firm_cuts.may_be_cut) as may_be_cut,
        recipient_names.normalized_name is not null as is_recipient_name
    from recipient_names
    full outer join firm_cuts
        on recipient_names.normalized_name = firm_cuts.normalized_name

)

select * from final

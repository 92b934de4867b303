-- Purpose: what people decided, brought from the spelling they saw to the firm it belongs to today. firm_key is null where no
-- award has that spelling and state any more.
-- Grain: one row per firm, recipient and decision (same or different); a firm and recipient with both stand in contradiction.
with decisions as (

    select
        {{ decoded_text_or_null('company_name') }} as company_name,
        coalesce(state, '') as state,
        recipient_hash,
        decision
    from {{ ref('match_decisions') }}
    where decision in ('same', 'different')

),

spellings as (

    select distinct
        firm_key,
        company_name,
        coalesce(state, '') as state
    from {{ ref('int_firm_awards') }}
    where firm_key is not null

),

final as (

    select distinct
        spellings.firm_key,
        decisions.recipient_hash,
        decisions.decision
    from decisions
    inner join spellings
        on decisions.company_name = spellings.company_name and decisions.state = spellings.state

)

select * from final

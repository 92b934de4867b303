-- Purpose: the firms whose identified awards agree on one recipient: what the evaluation knows to be true. Some identifiers on
-- awards are another firm's, so one of them alone speaks only for its own award: firm-exact extends what two awards say, or one
-- and the name. A copy of an award says nothing more.
-- Grain: one row per firm.
with identified as (

    select
        firm_awards.firm_key,
        identified_awards.recipient_hash,
        awards.is_duplicate
    from {{ ref('int_identified_awards') }} as identified_awards
    inner join {{ ref('int_firm_awards') }} as firm_awards
        on identified_awards.award_key = firm_awards.award_key
    inner join {{ ref('stg_sbir__awards') }} as awards
        on identified_awards.award_key = awards.award_key
    where firm_awards.firm_key is not null

),

agreed as (

    select
        firm_key,
        min(recipient_hash) as recipient_hash,
        count(case when not is_duplicate then 1 end) as identified_award_count
    from identified
    group by firm_key
    having count(distinct recipient_hash) = 1

),

final as (

    select
        agreed.firm_key,
        agreed.recipient_hash,
        agreed.identified_award_count,
        agreed.identified_award_count > 1 or identified_names.name_agrees as is_corroborated
    from agreed
    inner join {{ ref('int_identified_names') }} as identified_names
        on agreed.firm_key = identified_names.firm_key and agreed.recipient_hash = identified_names.recipient_hash

)

select * from final

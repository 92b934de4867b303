-- Purpose: rule firm-exact: an award that no identifier links takes the recipient on which the firm's identified awards agree.
-- Grain: one row per award linked by its firm.
with identified_awards as (

    select distinct award_key from {{ ref('int_identifier_matches') }}

),

final as (

    select
        firm_awards.award_key,
        identified_firms.recipient_hash,
        1 as recipient_count
    from {{ ref('int_firm_awards') }} as firm_awards
    inner join {{ ref('int_identified_firms') }} as identified_firms
        on firm_awards.firm_key = identified_firms.firm_key
    left join identified_awards
        on firm_awards.award_key = identified_awards.award_key
    where identified_awards.award_key is null

)

select * from final

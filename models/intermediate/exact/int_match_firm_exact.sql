-- Purpose: rule firm-exact: an award that no identifier links takes the recipient on which the firm's identified awards agree.
-- Grain: one row per award linked by its firm.
with identified as (

    select * from {{ ref('int_identifier_matches') }}

),

firm_awards as (

    select * from {{ ref('int_firm_awards') }}

),

unrelated as (

    select award_key from {{ ref('int_identifier_conflicts') }}
    where is_unrelated

),

links as (

    select
        identified.award_key,
        min_by(identified.recipient_hash, identified.precedence) as recipient_hash
    from identified
    left join unrelated
        on identified.award_key = unrelated.award_key
    where unrelated.award_key is null
    group by identified.award_key

),

agreed as (

    select
        firm_awards.firm_key,
        min(links.recipient_hash) as recipient_hash
    from links
    inner join firm_awards
        on links.award_key = firm_awards.award_key
    where firm_awards.firm_key is not null
    group by firm_awards.firm_key
    having count(distinct links.recipient_hash) = 1

),

final as (

    select
        firm_awards.award_key,
        agreed.recipient_hash,
        1 as recipient_count
    from firm_awards
    inner join agreed
        on firm_awards.firm_key = agreed.firm_key
    left join links
        on firm_awards.award_key = links.award_key
    where links.award_key is null

)

select * from final

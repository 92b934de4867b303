-- Purpose: what the awards' own identifiers say, in one recipient each: the identifier of the highest precedence wins, and
-- identifiers that point to unrelated recipients say nothing.
-- Grain: one row per identified award.
with identified as (

    select * from {{ ref('int_identifier_matches') }}

),

unrelated as (

    select award_key from {{ ref('int_identifier_conflicts') }}
    where is_unrelated

),

final as (

    select
        identified.award_key,
        min_by(identified.recipient_hash, identified.precedence) as recipient_hash
    from identified
    left join unrelated
        on identified.award_key = unrelated.award_key
    where unrelated.award_key is null
    group by identified.award_key

)

select * from final

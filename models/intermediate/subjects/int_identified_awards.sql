-- Purpose: what the awards' own identifiers say, in one recipient each: the identifier of the highest precedence wins, or those
-- that the name agrees with; conflicts that nothing decides say nothing.
-- Grain: one row per identified award.
with identified as (

    select
        award_key,
        min_by(recipient_hash, precedence) as recipient_hash
    from {{ ref('int_identifier_matches') }}
    group by award_key

),

conflicts as (

    select * from {{ ref('int_identifier_conflicts') }}

),

final as (

    select
        identified.award_key,
        coalesce(conflicts.recipient_hash, identified.recipient_hash) as recipient_hash
    from identified
    left join conflicts
        on identified.award_key = conflicts.award_key
    where not coalesce(conflicts.is_ambiguous, false)

)

select * from final

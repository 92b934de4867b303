-- Purpose: the decision on each firm with candidates: matched, ambiguous or review. Candidates within the near-tie margin of
-- the best compete, those with an identifier before name-only ones; several names left make it ambiguous, several recipients
-- of one name are told apart like those of an exact name.
-- Grain: one row per firm whose best candidate reaches the review threshold; recipient_hash only where matched.
with candidates as (

    select * from {{ ref('int_fuzzy_candidates') }}

),

bests as (

    select
        firm_key,
        max(candidate_score) as best_score,
        max(case when candidate_rank = 2 then candidate_score end) as next_best_score
    from candidates
    group by firm_key
    having max(candidate_score) >= {{ threshold('review_score') }}

),

near as (

    select
        candidates.*,
        max(candidates.has_identifier) over (partition by candidates.firm_key) as has_identified_rival
    from candidates
    inner join bests
        on candidates.firm_key = bests.firm_key
    where candidates.candidate_score >= bests.best_score - {{ threshold('near_tie_points') }}

),

competing as (

    select * from near
    where has_identifier = has_identified_rival

),

names_left as (

    select
        firm_key,
        count(distinct recipient_normalized_name) as name_count
    from competing
    group by firm_key

),

{{ resolve_recipients('competing', 'firm_key') }},

final as (

    select
        bests.firm_key,
        case
            when bests.best_score < {{ threshold('accept_score') }} then 'review'
            when names_left.name_count > 1 or resolved.recipient_hash is null then 'ambiguous'
            when picked.candidate_score < {{ threshold('accept_score') }} then 'review'
            else 'matched'
        end as match_status,
        case
            when names_left.name_count = 1 and picked.candidate_score >= {{ threshold('accept_score') }}
                then resolved.recipient_hash
        end as recipient_hash,
        picked.candidate_score as match_score,
        bests.best_score,
        bests.next_best_score,
        greatest(names_left.name_count, resolved.recipient_count) as rival_count
    from bests
    inner join names_left
        on bests.firm_key = names_left.firm_key
    inner join resolved
        on bests.firm_key = resolved.firm_key
    left join candidates as picked
        on resolved.firm_key = picked.firm_key and resolved.recipient_hash = picked.recipient_hash

)

select * from final

-- Purpose: the decision on each subject with candidates: matched, ambiguous or review. Candidates within the margin of the
-- best compete, those with an identifier before name-only ones; those of one recipient_group are one firm. Several
-- firms left make it ambiguous.
-- Grain: one row per subject whose best candidate reaches the review threshold; recipient_hash only where matched.
with candidates as (

    select * from {{ ref('int_fuzzy_candidates') }}

),

bests as (

    select
        subject_key,
        max(candidate_score) as best_score,
        max_by(recipient_group, (candidate_score, recipient_group)) as best_group
    from candidates
    group by subject_key
    having max(candidate_score) >= {{ threshold('review_score') }}

),

near as (

    select
        candidates.subject_key,
        candidates.firm_key,
        candidates.recipient_hash,
        candidates.recipient_group,
        candidates.recipient_normalized_name as normalized_name,
        cast(null as varchar) as legal_designator,
        cast(null as varchar) as legal_form,
        candidates.state,
        candidates.candidate_score,
        candidates.has_identifier,
        max(candidates.has_identifier) over (partition by candidates.subject_key) as has_identified_rival
    from candidates
    inner join bests
        on candidates.subject_key = bests.subject_key
    where candidates.candidate_score >= bests.best_score - {{ threshold('margin') }}

),

competing as (

    select * from near
    where has_identifier = has_identified_rival

),

names_left as (

    select
        subject_key,
        -- One firm may be listed under several names.
        case when count(distinct recipient_group) = 1 then 1 else count(distinct normalized_name) end as name_count
    from competing
    group by subject_key

),

{{ resolve_recipients('competing', 'subject_key', ref('int_recipient_names')) }},

picked as (

    select
        candidates.subject_key,
        candidates.candidate_score,
        candidates.recipient_group
    from resolved
    inner join candidates
        on resolved.subject_key = candidates.subject_key and resolved.recipient_hash = candidates.recipient_hash

),

next_bests as (

    select
        candidates.subject_key,
        max(candidates.candidate_score) as next_best_score
    from candidates
    inner join bests
        on candidates.subject_key = bests.subject_key
    left join picked
        on candidates.subject_key = picked.subject_key
    where candidates.recipient_group <> coalesce(picked.recipient_group, bests.best_group)
    group by candidates.subject_key

),

decided as (

    select
        bests.subject_key,
        case
            when bests.best_score < {{ threshold('accept_score') }} then 'review'
            when names_left.name_count > 1 or resolved.recipient_hash is null then 'ambiguous'
            when picked.candidate_score < {{ threshold('accept_score') }} then 'review'
            else 'matched'
        end as match_status,
        resolved.recipient_hash,
        picked.candidate_score,
        bests.best_score,
        next_bests.next_best_score,
        greatest(names_left.name_count, resolved.recipient_count) as rival_count
    from bests
    inner join names_left
        on bests.subject_key = names_left.subject_key
    inner join resolved
        on bests.subject_key = resolved.subject_key
    left join picked
        on bests.subject_key = picked.subject_key
    left join next_bests
        on bests.subject_key = next_bests.subject_key

),

final as (

    select
        subject_key,
        match_status,
        case when match_status = 'matched' then recipient_hash end as recipient_hash,
        case when match_status = 'matched' then candidate_score end as match_score,
        best_score,
        next_best_score,
        rival_count
    from decided

)

select * from final

-- Purpose: what another accept threshold would do to the fuzzy tier: firms accepted, how many of these would be wrong by what the
-- evaluation measured, and firms left for review.
-- Grain: one row per threshold from 75 to 100.
with thresholds as (

    select cast(threshold as integer) as threshold
    from (
        select {{ split_rows("'" ~ range(75, 101) | join(',') ~ "'", ',') }} as threshold
    ) as listed

),

bests as (

    select
        candidates.subject_key,
        subjects.subject_kind,
        candidates.candidate_score,
        coalesce(recipients.recipient_group = truth.recipient_group, false) as is_true,
        coalesce(links.rival_count > 1, false) as is_ambiguous
    from {{ ref('int_fuzzy_candidates') }} as candidates
    inner join {{ ref('int_subjects') }} as subjects
        on candidates.subject_key = subjects.subject_key
    inner join {{ ref('int_recipients') }} as recipients
        on candidates.recipient_hash = recipients.recipient_hash
    left join {{ ref('int_recipients') }} as truth
        on subjects.true_recipient_hash = truth.recipient_hash
    left join {{ ref('int_fuzzy_links') }} as links
        on candidates.subject_key = links.subject_key
    where candidates.candidate_rank = 1

),

counted as (

    select
        thresholds.threshold,
        count(case when bests.subject_kind = 'production' and bests.candidate_score >= 100 * thresholds.threshold then 1 end)
            as accepted_firms,
        count(case when bests.subject_kind = 'production' and bests.candidate_score < 100 * thresholds.threshold then 1 end)
            as review_firms,
        count(case when bests.subject_kind <> 'production' and bests.candidate_score >= 100 * thresholds.threshold then 1 end)
            as judged_firms,
        count(
            case
                when
                    bests.subject_kind <> 'production'
                    and bests.candidate_score >= 100 * thresholds.threshold
                    and not bests.is_true
                    then 1
            end
        ) as wrong_firms
    from thresholds
    left join bests
        on
            bests.candidate_score >= {{ threshold('review_score') }}
            and not bests.is_ambiguous
            -- Under another identifier of the withheld one a pick is neither right nor wrong.
            and not (bests.subject_kind = 'evaluation-withheld' and bests.is_true)
    group by thresholds.threshold

),

final as (

    select
        threshold,
        accepted_firms,
        review_firms,
        judged_firms,
        wrong_firms,
        case when judged_firms > 0 then round(1 - cast(wrong_firms as double) / judged_firms, 6) end as precision,
        case when judged_firms > 0 then round(accepted_firms * (cast(wrong_firms as double) / judged_firms), 1) end
            as expected_wrong_firms
    from counted

)

select * from final

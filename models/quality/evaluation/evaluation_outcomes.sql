-- Purpose: what the name rules make of firms whose recipient is known, with their identifiers hidden: the ground of all figures
-- on precision and recall. A recipient of the true one's name under another identifier, in its state, ZIP or parent or in
-- no known place, is no wrong firm; it is counted apart.
-- Grain: one row per evaluation subject.
with subjects as (

    select * from {{ ref('int_subjects') }}
    where subject_kind <> 'production'

),

firms as (

    select * from {{ ref('int_firms') }}

),

wanted_recipients as (

    select true_recipient_hash as recipient_hash from subjects
    union distinct
    select recipient_hash from {{ ref('int_subject_links') }}

),

recipients as (

    select recipients.*
    from {{ ref('int_recipients') }} as recipients
    inner join wanted_recipients
        on recipients.recipient_hash = wanted_recipients.recipient_hash

),

evaluated_firms as (

    select distinct firm_key from subjects

),

firm_awards as (

    select
        firm_awards.firm_key,
        awards.agency,
        awards.phase,
        awards.award_year
    from {{ ref('int_firm_awards') }} as firm_awards
    inner join {{ ref('stg_sbir__awards') }} as awards
        on firm_awards.award_key = awards.award_key
    inner join evaluated_firms
        on firm_awards.firm_key = evaluated_firms.firm_key

),

traits as (

    select
        firm_key,
        mode() within group (order by agency) as agency,
        max(phase) as phase,
        max(award_year) as last_award_year,
        count(*) as awards
    from firm_awards
    group by firm_key

),

best_candidates as (

    select
        subject_key,
        max(candidate_score) as best_score
    from {{ ref('int_fuzzy_candidates') }}
    group by subject_key

),

judged as (

    select
        subjects.subject_key,
        subjects.subject_kind,
        subjects.firm_key,
        firms.company_name,
        firms.normalized_name,
        subjects.state,
        traits.agency,
        traits.phase,
        traits.last_award_year,
        traits.awards,
        subjects.true_recipient_hash,
        truth.recipient_name as true_recipient_name,
        coalesce(links.match_status, 'unmatched') as match_status,
        links.match_method,
        links.match_score,
        case when links.match_method = 'name-exact' then 10000 else best_candidates.best_score end as best_score,
        links.recipient_hash as picked_recipient_hash,
        picked.recipient_name as picked_recipient_name,
        coalesce(
            picked.normalized_name = truth.normalized_name
            and (
                coalesce(picked.state = truth.state, true)
                or coalesce(picked.zip5 = truth.zip5, false)
                or coalesce(picked.parent_uei = truth.parent_uei, false)
            ),
            false
        ) as is_same_name
    from subjects
    inner join firms
        on subjects.firm_key = firms.firm_key
    inner join traits
        on subjects.firm_key = traits.firm_key
    inner join recipients as truth
        on subjects.true_recipient_hash = truth.recipient_hash
    left join {{ ref('int_subject_links') }} as links
        on subjects.subject_key = links.subject_key
    left join recipients as picked
        on links.recipient_hash = picked.recipient_hash
    left join best_candidates
        on subjects.subject_key = best_candidates.subject_key

),

final as (

    select
        judged.*,
        case
            when judged.picked_recipient_hash = judged.true_recipient_hash then 'right'
            when judged.picked_recipient_hash is not null and judged.is_same_name then 'same name'
            when judged.picked_recipient_hash is not null then 'wrong'
            when judged.subject_kind = 'evaluation-listed' then 'missed'
            else 'rightly unlinked'
        end as outcome
    from judged

)

select * from final

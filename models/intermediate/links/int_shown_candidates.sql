-- Purpose: the best candidates of the firms that the fuzzy tier resolves, with all evidence and in words, for people to look at.
-- Grain: one row per firm and candidate, at most five per firm, the linked one first.
with candidates as (

    select * from {{ ref('int_fuzzy_candidates') }}
    where subject_kind = 'production' and candidate_score >= {{ threshold('min_shown_score') }}

),

links as (

    select * from {{ ref('int_subject_links') }}

),

ranked as (

    select
        candidates.*,
        case when reviewed.firm_key is not null then 'matched' else coalesce(links.match_status, 'unmatched') end as match_status,
        coalesce(links.recipient_hash = candidates.recipient_hash, false) and reviewed.firm_key is null as is_linked,
        row_number() over (
            partition by candidates.firm_key
            order by coalesce(links.recipient_hash = candidates.recipient_hash, false) desc, candidates.candidate_rank asc
        ) as shown_rank
    from candidates
    left join links
        on candidates.subject_key = links.subject_key
    left join {{ ref('int_match_reviewed') }} as reviewed
        on candidates.firm_key = reviewed.firm_key

),

final as (

    select
        ranked.firm_key,
        ranked.recipient_hash,
        ranked.recipient_name,
        ranked.name_kind,
        ranked.recipient_state,
        ranked.name_relation,
        ranked.only_in_firm_name,
        ranked.only_in_recipient_name,
        ranked.shared_weight,
        ranked.form_cost,
        ranked.extra_word_cost,
        ranked.typo_cost,
        ranked.place,
        ranked.place_points,
        ranked.identification_cost,
        ranked.parent_name_cost,
        ranked.candidate_score,
        ranked.match_status,
        ranked.is_linked,
        ranked.shown_rank,
        {{ name_words('ranked') }} || {{ candidate_place_words('ranked') }} as explanation
    from ranked
    where ranked.shown_rank <= {{ threshold('candidates_kept') }}

)

select * from final

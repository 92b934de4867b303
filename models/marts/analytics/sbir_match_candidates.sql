-- Purpose: the best candidates of every firm that had to be resolved by likeness of names, with all evidence. A candidate
-- is no link.
-- Grain: one row per firm and candidate, at most five per firm.
with candidates as (

    select * from {{ ref('int_shown_candidates') }}

),

firms as (

    select * from {{ ref('int_firms') }}

),

recipients as (

    select * from {{ ref('int_recipients') }}

),

final as (

    select
        firms.firm_key,
        firms.company_name,
        firms.state as company_state,
        firms.award_count,
        candidates.shown_rank as candidate_rank,
        candidates.recipient_hash as candidate_recipient_hash,
        candidates.recipient_name as candidate_recipient_name,
        candidates.name_kind as candidate_name_kind,
        recipients.uei as candidate_recipient_uei,
        recipients.duns as candidate_recipient_duns,
        recipients.city as candidate_recipient_city,
        recipients.state as candidate_recipient_state,
        recipients.zip5 as candidate_recipient_zip5,
        candidates.name_relation,
        candidates.only_in_firm_name,
        candidates.only_in_recipient_name,
        candidates.shared_weight,
        cast(candidates.form_cost / 100.0 as double) as form_cost,
        cast(candidates.extra_word_cost / 100.0 as double) as extra_word_cost,
        cast(candidates.typo_cost / 100.0 as double) as typo_cost,
        cast(candidates.identification_cost / 100.0 as double) as identification_cost,
        cast(candidates.parent_name_cost / 100.0 as double) as parent_name_cost,
        candidates.place,
        cast(candidates.place_points / 100.0 as double) as place_points,
        cast(candidates.candidate_score / 100.0 as double) as candidate_score,
        candidates.match_status,
        candidates.is_linked,
        candidates.explanation
    from candidates
    inner join firms
        on candidates.firm_key = firms.firm_key
    inner join recipients
        on candidates.recipient_hash = recipients.recipient_hash

)

select * from final

-- Purpose: the best candidates of every firm that had to be resolved by likeness of names, with all evidence. A candidate
-- is no link.
-- Grain: one row per firm and candidate, at most five per firm.
with candidates as (

    select * from {{ ref('int_fuzzy_candidates') }}
    where candidate_rank <= {{ threshold('candidates_kept') }}

),

firms as (

    select * from {{ ref('int_firms') }}

),

recipients as (

    select * from {{ ref('int_recipients') }}

),

links as (

    select * from {{ ref('int_fuzzy_links') }}

),

final as (

    select
        firms.firm_key,
        firms.company_name,
        firms.state as company_state,
        firms.award_count,
        candidates.candidate_rank,
        candidates.recipient_hash as candidate_recipient_hash,
        candidates.recipient_name as candidate_recipient_name,
        recipients.uei as candidate_recipient_uei,
        recipients.duns as candidate_recipient_duns,
        recipients.city as candidate_recipient_city,
        recipients.state as candidate_recipient_state,
        recipients.zip5 as candidate_recipient_zip5,
        candidates.whole_name_score,
        candidates.differing_words_score,
        candidates.is_cut_name,
        candidates.state_points,
        candidates.zip_points,
        candidates.candidate_score,
        coalesce(links.match_status, 'unmatched') as match_status,
        coalesce(links.recipient_hash = candidates.recipient_hash, false) as is_linked
    from candidates
    inner join firms
        on candidates.firm_key = firms.firm_key
    inner join recipients
        on candidates.recipient_hash = recipients.recipient_hash
    left join links
        on candidates.firm_key = links.firm_key

)

select * from final

-- Purpose: the best candidates of every firm that had to be resolved by likeness of names, with all evidence. A candidate
-- is no link.
-- Grain: one row per firm and candidate, at most five per firm.
with candidates as (

    select * from {{ ref('int_fuzzy_candidates') }}

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

ranked as (

    select
        candidates.*,
        coalesce(links.match_status, 'unmatched') as match_status,
        coalesce(links.recipient_hash = candidates.recipient_hash, false) as is_linked,
        -- Of several candidates with one score the linked one comes first.
        row_number() over (
            partition by candidates.firm_key
            order by coalesce(links.recipient_hash = candidates.recipient_hash, false) desc, candidates.candidate_rank asc
        ) as shown_rank
    from candidates
    left join links
        on candidates.firm_key = links.firm_key

),

final as (

    select
        firms.firm_key,
        firms.company_name,
        firms.state as company_state,
        firms.award_count,
        ranked.shown_rank as candidate_rank,
        ranked.recipient_hash as candidate_recipient_hash,
        ranked.recipient_name as candidate_recipient_name,
        recipients.uei as candidate_recipient_uei,
        recipients.duns as candidate_recipient_duns,
        recipients.city as candidate_recipient_city,
        recipients.state as candidate_recipient_state,
        recipients.zip5 as candidate_recipient_zip5,
        ranked.whole_name_score,
        ranked.differing_words_score,
        ranked.is_cut_name,
        ranked.state_points,
        ranked.zip_points,
        ranked.candidate_score,
        ranked.match_status,
        ranked.is_linked
    from ranked
    inner join firms
        on ranked.firm_key = firms.firm_key
    inner join recipients
        on ranked.recipient_hash = recipients.recipient_hash
    where ranked.shown_rank <= {{ threshold('candidates_kept') }}

)

select * from final

-- Purpose: what people should look at first: firms that wait for a decision, by the dollars that hang on it, with their
-- candidates.
-- Grain: one row per firm and candidate, at most five per firm.
with candidates as (

    select * from {{ ref('int_shown_candidates') }}
    where match_status in ('review', 'ambiguous')

),

awards as (

    select
        firm_key,
        count(*) as award_count,
        sum(award_amount) as award_amount,
        min(award_year) as first_award_year,
        max(award_year) as last_award_year,
        max(uei) as company_uei,
        max(duns) as company_duns
    from {{ ref('enriched_sbir_awards') }}
    where _usaspending_match_status in ('review', 'ambiguous')
    group by firm_key

),

places as (

    select
        firm_key,
        city,
        zip5,
        row_number() over (
            partition by firm_key
            order by zip5 is null asc, city is null asc, award_year desc nulls last, award_key asc
        ) as place_rank
    from {{ ref('enriched_sbir_awards') }}
    where _usaspending_match_status in ('review', 'ambiguous')

),

ranked_firms as (

    select
        awards.*,
        row_number()
            over (order by awards.award_amount desc nulls last, awards.award_count desc, awards.firm_key asc)
            as queue_rank
    from awards
    where awards.firm_key in (select candidates.firm_key from candidates)

),

final as (

    select
        ranked_firms.queue_rank,
        firms.firm_key,
        firms.company_name,
        firms.state as company_state,
        places.city as company_city,
        places.zip5 as company_zip5,
        ranked_firms.company_uei,
        ranked_firms.company_duns,
        ranked_firms.award_count,
        ranked_firms.award_amount,
        ranked_firms.first_award_year,
        ranked_firms.last_award_year,
        candidates.match_status,
        candidates.shown_rank as candidate_rank,
        candidates.recipient_hash as candidate_recipient_hash,
        candidates.recipient_name as candidate_recipient_name,
        recipients.uei as candidate_recipient_uei,
        recipients.duns as candidate_recipient_duns,
        recipients.city as candidate_recipient_city,
        recipients.state as candidate_recipient_state,
        recipients.zip5 as candidate_recipient_zip5,
        recipients.parent_name as candidate_recipient_parent_name,
        cast(candidates.candidate_score / 100.0 as double) as candidate_score,
        candidates.explanation
    from candidates
    inner join ranked_firms
        on candidates.firm_key = ranked_firms.firm_key
    left join places
        on ranked_firms.firm_key = places.firm_key and places.place_rank = 1
    inner join {{ ref('int_firms') }} as firms
        on candidates.firm_key = firms.firm_key
    inner join {{ ref('int_recipients') }} as recipients
        on candidates.recipient_hash = recipients.recipient_hash

)

select * from final

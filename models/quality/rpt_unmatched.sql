-- Purpose: the culprits behind a low match rate: firms whose awards are not matched, by reason, with what is at stake.
-- Grain: one row per company name, state, status and reason.
select
    company_name,
    state,
    _usaspending_match_status as match_status,
    _usaspending_unmatched_reason as unmatched_reason,
    count(*) as awards,
    sum(award_amount) as award_amount,
    min(award_year) as first_award_year,
    max(award_year) as last_award_year
from {{ ref('enriched_sbir_awards') }}
where _usaspending_match_status <> 'matched'
group by company_name, state, _usaspending_match_status, _usaspending_unmatched_reason

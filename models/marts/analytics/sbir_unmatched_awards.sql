-- Purpose: the awards without a link, why, and how many dollars hang on them.
-- Grain: one row per award that is not matched.
select
    award_key,
    firm_key,
    company_name,
    award_title,
    agency,
    phase,
    award_year,
    award_amount,
    contract_number,
    uei,
    duns,
    city,
    state,
    zip5,
    _usaspending_match_status as match_status,
    _usaspending_unmatched_reason as unmatched_reason
from {{ ref('enriched_sbir_awards') }}
where _usaspending_match_status <> 'matched'

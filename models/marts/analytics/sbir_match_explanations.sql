-- Purpose: for every award, in words, why it is linked to its recipient or to none, of a build that passed its gates.
-- Grain: one row per award.
select
    award_key,
    company_name,
    match_status,
    match_method,
    match_score,
    unmatched_reason,
    usaspending_recipient_name,
    usaspending_recipient_hash,
    explanation
from {{ ref('rpt_match_explanations') }}

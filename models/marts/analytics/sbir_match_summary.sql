-- Purpose: match figures by agency, phase, year, state, identifier type and method, of a build that passed its gates.
-- Grain: one row per dimension and value.
select
    dimension,
    dimension_value,
    awards,
    matched_awards,
    matched_with_identifier_awards,
    ambiguous_awards,
    review_awards,
    unmatched_awards,
    match_rate,
    match_rate_with_identifier,
    award_amount,
    matched_award_amount
from {{ ref('rpt_match_breakdown') }}

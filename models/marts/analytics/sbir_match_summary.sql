-- Purpose: match figures by agency, phase, year, state, identifier type and method, of a build that passed its gates.
-- Grain: one row per dimension and value.
select * from {{ ref('rpt_match_breakdown') }}

-- Purpose: what people had decided when these links were made, so that a change that follows from a decision can be told.
-- Grain: one row per firm, recipient and decision.
select
    firm_key,
    recipient_hash,
    decision
from {{ ref('int_firm_decisions') }}

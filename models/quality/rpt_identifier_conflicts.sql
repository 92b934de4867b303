-- Purpose: awards whose own identifiers point to different recipients, with both, for people to look at.
-- Grain: one row per award in conflict.
select
    awards.award_key,
    awards.company_name,
    awards.uei,
    awards.duns,
    awards.contract_number,
    awards._usaspending_match_status as match_status,
    awards.usaspending_recipient_name as linked_recipient_name,
    other_recipients.recipient_name as other_recipient_name,
    other_recipients.uei as other_recipient_uei,
    conflicts.is_unrelated
from {{ ref('enriched_sbir_awards') }} as awards
inner join {{ ref('int_identifier_conflicts') }} as conflicts
    on awards.award_key = conflicts.award_key
inner join {{ ref('int_recipients') }} as other_recipients
    on conflicts.other_recipient_hash = other_recipients.recipient_hash

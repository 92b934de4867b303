-- Purpose: awards whose identifiers contradict each other or the company's name, with both sides, for people to look at.
-- Grain: one row per award in conflict.
select
    awards.award_key,
    awards.company_name,
    awards.uei,
    awards.duns,
    awards.contract_number,
    awards._usaspending_match_status as match_status,
    conflicts.conflict,
    awards.usaspending_recipient_name as linked_recipient_name,
    identified_recipients.recipient_name as identified_recipient_name,
    identified_recipients.uei as identified_recipient_uei,
    identified_recipients.duns as identified_recipient_duns,
    other_recipients.recipient_name as other_recipient_name,
    other_recipients.uei as other_recipient_uei,
    other_recipients.duns as other_recipient_duns
from {{ ref('enriched_sbir_awards') }} as awards
inner join {{ ref('int_identifier_conflicts') }} as conflicts
    on awards.award_key = conflicts.award_key
inner join {{ ref('int_recipients') }} as identified_recipients
    on conflicts.recipient_hash = identified_recipients.recipient_hash
left join {{ ref('int_recipients') }} as other_recipients
    on conflicts.other_recipient_hash = other_recipients.recipient_hash

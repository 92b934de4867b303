-- Purpose: the pairs that no name rule may link: those that people found different (production only, the evaluation judges the
-- rules without such help), and the recipients withheld from evaluation subjects.
-- Grain: one row per subject and recipient.
select
    subjects.subject_key,
    decisions.recipient_hash
from {{ ref('int_firm_decisions') }} as decisions
inner join {{ ref('int_subjects') }} as subjects
    on decisions.firm_key = subjects.firm_key
where decisions.decision = 'different' and subjects.subject_kind = 'production'

union distinct

select
    subject_key,
    withheld_recipient_hash as recipient_hash
from {{ ref('int_subjects') }}
where withheld_recipient_hash is not null

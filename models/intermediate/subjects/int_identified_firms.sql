-- Purpose: the firms whose identified awards agree on one recipient: what the rule firm-exact extends to the firm's other awards,
-- and what the evaluation knows to be true.
-- Grain: one row per firm.
select
    firm_awards.firm_key,
    min(identified_awards.recipient_hash) as recipient_hash,
    count(*) as identified_award_count
from {{ ref('int_identified_awards') }} as identified_awards
inner join {{ ref('int_firm_awards') }} as firm_awards
    on identified_awards.award_key = firm_awards.award_key
where firm_awards.firm_key is not null
group by firm_awards.firm_key
having count(distinct identified_awards.recipient_hash) = 1

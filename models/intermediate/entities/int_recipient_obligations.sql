-- Purpose: what the federal government obligated to a recipient in the loaded prime awards. What the file lacks stays null.
-- Grain: one row per recipient with prime awards.
select
    recipient_hash,
    sum(total_obligation) as total_obligation,
    count(*) as award_count,
    min(first_action_date) as first_action_date,
    max(last_action_date) as last_action_date
from {{ ref('int_prime_award_recipients') }}
where recipient_hash is not null
group by recipient_hash

-- Fails, and keeps analytics unbuilt, where the gate match_rate does not hold.
select
    gate,
    message
from {{ ref('gate_results') }}
where gate = 'match_rate' and not is_passed

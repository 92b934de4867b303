-- Fails, and keeps analytics unbuilt, where the gate completeness does not hold.
select
    gate,
    message
from {{ ref('gate_results') }}
where gate = 'completeness' and not is_passed

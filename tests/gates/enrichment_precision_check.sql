-- Fails, and keeps analytics unbuilt, where the gate precision does not hold.
select
    gate,
    message
from {{ ref('gate_results') }}
where gate = 'precision' and not is_passed

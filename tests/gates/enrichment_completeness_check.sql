-- Fails, and keeps analytics unbuilt, where the gate completeness does not hold.
{{ judged_gate('completeness') }}

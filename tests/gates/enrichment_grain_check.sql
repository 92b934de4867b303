-- Fails, and keeps analytics unbuilt, where the gate grain does not hold.
{{ judged_gate('grain') }}

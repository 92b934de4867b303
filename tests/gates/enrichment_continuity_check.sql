-- Fails, and keeps analytics unbuilt, where the gate continuity does not hold.
{{ judged_gate('continuity') }}

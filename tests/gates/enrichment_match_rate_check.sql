-- Fails, and keeps analytics unbuilt, where the gate match_rate does not hold.
{{ judged_gate('match_rate') }}

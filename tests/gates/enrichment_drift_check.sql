-- Fails, and keeps analytics unbuilt, where the gate drift does not hold.
{{ judged_gate('drift') }}

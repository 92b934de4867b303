-- Fails, and keeps analytics unbuilt, where the gate precision does not hold.
{{ judged_gate('precision') }}

-- Fails, and keeps analytics unbuilt, where the gate precision does not hold.
{{ failed_gate('precision') }}

-- Fails, and keeps analytics unbuilt, where the gate drift does not hold.
{{ failed_gate('drift') }}

-- Fails, and keeps analytics unbuilt, where the gate grain does not hold.
{{ failed_gate('grain') }}

-- Fails, and keeps analytics unbuilt, where the gate completeness does not hold.
{{ failed_gate('completeness') }}

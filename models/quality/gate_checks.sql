-- Purpose: the gates, computed anew at every look on the enriched table as it stands.
-- Grain: one row per gate.
{{ config(materialized='view') }}

{{ gate_checks() }}

-- Purpose: the verdicts of this build; the gate tests hang here, and all of analytics below them.
-- Grain: one row per gate.
{{ config(materialized='table') }}

select
    gate,
    verdict,
    value,
    threshold,
    counted,
    counted_of,
    message,
    culprits
from {{ ref('gate_checks') }}

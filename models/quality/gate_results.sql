-- Purpose: the verdicts of this build; the gate tests hang here, and all of analytics below them.
-- Grain: one row per gate.
{{ config(materialized='table') }}

select
    gate,
    value,
    threshold,
    is_passed,
    counted,
    counted_of,
    message,
    culprits
from {{ ref('gate_checks') }}

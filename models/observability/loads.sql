-- Purpose: every load of raw files: what was read, what was quarantined, what it cost.
-- Grain: one row per load and input.
select
    load_id,
    input,
    file_name,
    sha256,
    file_bytes,
    records_read,
    rows_loaded,
    rows_quarantined,
    seconds,
    peak_memory_mb,
    loaded_at,
    is_sample,
    is_current
from {{ source('raw', 'load_history') }}

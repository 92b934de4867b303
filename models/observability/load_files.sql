-- Purpose: every file that was loaded: what was read of it, quarantined and filtered.
-- Grain: one row per load, input and file (a part of a folder or archive).
select
    load_id,
    input,
    source,
    file_name,
    form,
    sha256,
    source_sha256,
    file_bytes,
    records_read,
    rows_loaded,
    rows_quarantined,
    rows_filtered,
    seconds,
    extract_seconds as performance_extract_duration_seconds,
    import_seconds as performance_import_duration_seconds,
    seconds as performance_total_duration_seconds,
    peak_memory_mb,
    loaded_at,
    is_sample,
    is_current
from {{ source('raw', 'load_history') }}

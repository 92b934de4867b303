-- Purpose: every load of raw files: what was read, quarantined and filtered, what it cost. load_files has it file by file.
-- Grain: one row per load and input.
select
    load_id,
    input,
    source,
    source as file_name,
    count(*) as files,
    source_sha256 as sha256,
    cast(sum(file_bytes) as bigint) as file_bytes,
    cast(sum(records_read) as bigint) as records_read,
    cast(sum(rows_loaded) as bigint) as rows_loaded,
    cast(sum(rows_quarantined) as bigint) as rows_quarantined,
    cast(sum(rows_filtered) as bigint) as rows_filtered,
    sum(seconds) as seconds,
    sum(performance_extract_duration_seconds) as performance_extract_duration_seconds,
    sum(performance_import_duration_seconds) as performance_import_duration_seconds,
    sum(performance_total_duration_seconds) as performance_total_duration_seconds,
    max(peak_memory_mb) as peak_memory_mb,
    loaded_at,
    is_sample,
    is_current
from {{ ref('load_files') }}
group by load_id, input, source, source_sha256, is_sample, is_current, loaded_at

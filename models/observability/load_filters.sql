-- Purpose: how many records of the loaded files were left out by which rule.
-- Grain: one row per load, file and rule.
select
    load_id,
    input,
    file_name,
    rule,
    records
from {{ source('raw', 'load_filters') }}

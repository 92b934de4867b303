-- Purpose: where a firm's awards place it, as evidence when several recipients carry its name.
-- Grain: one row per firm and ZIP code.
select distinct
    firm_key,
    zip5
from {{ ref('int_firm_awards') }}
where firm_key is not null and zip5 is not null

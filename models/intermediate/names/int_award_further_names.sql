-- Purpose: the further names (DBA) that company names on awards give.
-- Grain: one row per spelling and further name.
with spellings as (

    select distinct company_name from {{ ref('stg_sbir__awards') }}

),

{{ further_names('spellings') }}

select * from further_names

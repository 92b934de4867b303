-- Purpose: the further names (DBA) that recipients' legal names give.
-- Grain: one row per spelling and further name.
with spellings as (

    select distinct recipient_name as company_name from {{ ref('stg_usaspending__recipients') }}

),

{{ further_names('spellings') }}

select * from further_names

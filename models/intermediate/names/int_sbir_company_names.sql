-- Purpose: the names that SBIR.gov spells, normalised once whoever uses them.
-- Grain: one row per distinct spelling: companies on awards and their further names.
with spellings as (

    select company_name from {{ ref('stg_sbir__awards') }}
    union all
    select further_name as company_name from {{ ref('int_award_further_names') }}

),

{{ company_names('spellings') }}

select * from company_names

-- Purpose: the names that USAspending spells, normalised once whoever uses them.
-- Grain: one row per distinct spelling: recipients' legal, further, alternate and parents' names, and those in prime awards.
with spellings as (

    select recipient_name as company_name from {{ ref('stg_usaspending__recipients') }}
    union all
    select parent_name as company_name from {{ ref('stg_usaspending__recipients') }}
    union all
    select further_name as company_name from {{ ref('int_recipient_further_names') }}
    union all
    select alternate_name as company_name from {{ ref('int_recipient_alternate_names') }}
    union all
    select recipient_name as company_name from {{ ref('stg_usaspending__prime_awards') }}

),

{{ company_names('spellings') }}

select * from company_names

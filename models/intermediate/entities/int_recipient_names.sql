-- Purpose: every name a recipient goes by, normalised: the legal names of all its records and its alternate names.
-- Grain: one row per recipient and normalised name.
with names as (

    select
        recipient_hash,
        recipient_name,
        true as is_legal_name
    from {{ ref('stg_usaspending__recipients') }}

    union all

    select
        recipient_hash,
        alternate_name as recipient_name,
        false as is_legal_name
    from {{ ref('int_recipient_alternate_names') }}

),

company_names as (

    select * from {{ ref('int_company_names') }}

),

recipients as (

    select * from {{ ref('int_recipients') }}

),

final as (

    select
        recipients.recipient_hash,
        company_names.normalized_name,
        min(names.recipient_name) as recipient_name,
        max(names.is_legal_name) as is_legal_name
    from names
    inner join company_names
        on names.recipient_name = company_names.company_name
    inner join recipients
        on names.recipient_hash = recipients.recipient_hash
    where not company_names.is_special
    group by recipients.recipient_hash, company_names.normalized_name

)

select * from final

-- Purpose: the recipients an award may be linked to, each with its best record (identifiers first, then location).
-- Grain: one row per recipient (recipient_hash); special recipients such as MULTIPLE RECIPIENTS are left out.
with records as (

    select * from {{ ref('stg_usaspending__recipients') }}

),

company_names as (

    select * from {{ ref('int_company_names') }}

),

ranked as (

    select
        records.*,
        company_names.normalized_name,
        row_number() over (
            partition by records.recipient_hash
            order by
                records.uei asc nulls last,
                records.duns asc nulls last,
                records.zip5 asc nulls last,
                records.state asc nulls last,
                records.source_row_number asc
        ) as record_rank
    from records
    inner join company_names
        on records.recipient_name = company_names.company_name
    where not company_names.is_special

),

final as (

    select
        recipient_hash,
        recipient_name,
        normalized_name,
        uei,
        duns,
        uei is not null or duns is not null as has_identifier,
        parent_uei,
        parent_name,
        city,
        state,
        zip5
    from ranked
    where record_rank = 1

)

select * from final

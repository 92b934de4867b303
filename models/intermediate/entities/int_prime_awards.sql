-- Purpose: prime awards, from summaries or from transactions, one record for each change. The amounts of the loaded
-- transactions are added up, and the latest one names the recipient. The load left no award in both kinds.
-- Grain: one row per prime award; source_row_number is that of its record, of its latest transaction.
with records as (

    select * from {{ ref('stg_usaspending__prime_awards') }}

),

added_up as (

    select
        transaction_of,
        max_by(source_row_number, (coalesce(last_action_date, date '0001-01-01'), source_row_number)) as latest_row_number,
        cast(sum(total_obligation) as decimal(18, 2)) as total_obligation,
        min(first_action_date) as first_action_date
    from records
    where transaction_of is not null
    group by transaction_of

),

final as (

    select
        records.source_row_number,
        records.piid,
        records.parent_piid,
        records.fain,
        records.uri,
        records.agency_code,
        coalesce(added_up.total_obligation, records.total_obligation) as total_obligation,
        coalesce(added_up.first_action_date, records.first_action_date) as first_action_date,
        records.last_action_date,
        records.transaction_of is not null as is_from_transactions,
        records.uei,
        records.duns,
        records.recipient_name,
        records.state,
        records.zip5
    from records
    left join added_up
        on records.source_row_number = added_up.latest_row_number
    where records.transaction_of is null or added_up.latest_row_number is not null

)

select * from final

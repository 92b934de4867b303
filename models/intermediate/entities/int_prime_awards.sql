-- Purpose: prime awards, whether the file holds them as a whole or as transactions, one record for each change: the amounts of
-- these are added up, and the latest one says who the recipient is.
-- Grain: one row per prime award; source_row_number is that of its record, of its latest transaction.
with records as (

    select * from {{ ref('stg_usaspending__prime_awards') }}

),

transactions as (

    select
        records.*,
        row_number() over (
            partition by records.transaction_of
            order by records.last_action_date desc nulls last, records.source_row_number desc
        ) as recency,
        sum(records.total_obligation) over (partition by records.transaction_of) as sum_obligation,
        min(records.first_action_date) over (partition by records.transaction_of) as earliest_action_date
    from records
    where records.transaction_of is not null

),

final as (

    select
        source_row_number,
        piid,
        parent_piid,
        fain,
        uri,
        agency_code,
        total_obligation,
        first_action_date,
        last_action_date,
        uei,
        duns,
        recipient_name,
        state,
        zip5
    from records
    where transaction_of is null

    union all

    select
        source_row_number,
        piid,
        parent_piid,
        fain,
        uri,
        agency_code,
        cast(sum_obligation as decimal(18, 2)) as total_obligation,
        earliest_action_date as first_action_date,
        last_action_date,
        uei,
        duns,
        recipient_name,
        state,
        zip5
    from transactions
    where recency = 1

)

select * from final

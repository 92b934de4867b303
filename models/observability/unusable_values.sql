-- Purpose: how many of the values that are read as identifiers, dates, numbers, states and ZIP codes can be used, by the macros
-- that read them for staging.
-- Grain: one row per input and column.
{% set columns = {
    'awards': {
        'uei': 'uei', 'duns': 'duns', 'proposal_award_date': 'date', 'contract_end_date': 'end_date', 'solicitation_year': 'year',
        'award_year': 'year', 'award_amount': 'amount', 'number_employees': 'whole_number', 'state': 'state', 'zip': 'zip',
    },
    'recipients': {'uei': 'uei', 'duns': 'duns', 'parent_uei': 'uei', 'state': 'state', 'zip5': 'zip'},
    'prime_awards': {
        'total_obligated_amount': 'amount', 'award_base_action_date': 'date', 'award_latest_action_date': 'date',
        'recipient_uei': 'uei', 'recipient_duns': 'duns', 'recipient_state_code': 'state', 'recipient_zip_4_code': 'zip',
    },
} %}

with awards as (

    select * from {{ source('raw', 'awards') }}

),

recipients as (

    select
        _row_number,
        _loaded_on,
        uei,
        duns,
        parent_uei,
        -- Provinces and postal codes abroad are not read.
        case when coalesce(upper(trim(country_code)), 'USA') in ('USA', 'US') then state end as state,
        case when coalesce(upper(trim(country_code)), 'USA') in ('USA', 'US') then zip5 end as zip5
    from {{ source('raw', 'recipients') }}

),

prime_awards as (

    select * from {{ source('raw', 'prime_awards') }}

),

states as (

    select * from {{ ref('states') }}

),

{{ count_values(columns) }},

final as (

    select * from value_counts

)

select * from final

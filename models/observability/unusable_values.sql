-- Purpose: how many of the values that staging reads as identifiers, dates, numbers, states and ZIP codes can be used.
-- Grain: one row per input and column.
{% set columns = {
    'awards': {
        'uei': ('uei', 'uei'),
        'duns': ('duns', 'duns'),
        'proposal_award_date': ('date', 'award_date'),
        'contract_end_date': ('date', 'contract_end_date'),
        'solicitation_year': ('year', 'solicitation_year'),
        'award_year': ('year', 'award_year'),
        'award_amount': ('amount', 'award_amount'),
        'number_employees': ('whole_number', 'number_employees'),
        'state': ('state', 'state'),
        'zip': ('zip', 'zip5'),
    },
    'recipients': {
        'uei': ('uei', 'uei'),
        'duns': ('duns', 'duns'),
        'parent_uei': ('uei', 'parent_uei'),
        'state': ('state', 'state'),
        'zip5': ('zip', 'zip5'),
    },
    'prime_awards': {
        'total_obligated_amount': ('amount', 'total_obligation'),
        'award_base_action_date': ('date', 'first_action_date'),
        'award_latest_action_date': ('date', 'last_action_date'),
        'recipient_uei': ('uei', 'uei'),
        'recipient_duns': ('duns', 'duns'),
        'recipient_state_code': ('state', 'state'),
        'recipient_zip_4_code': ('zip', 'zip5'),
    },
} %}

with awards as (

    select * from {{ source('raw', 'awards') }}

),

staged_awards as (

    select * from {{ ref('stg_sbir__awards') }}

),

recipients as (

    select
        _row_number,
        uei,
        duns,
        parent_uei,
        -- Provinces and postal codes abroad are not read.
        case when coalesce(upper(trim(country_code)), 'USA') in ('USA', 'US') then state end as state,
        case when coalesce(upper(trim(country_code)), 'USA') in ('USA', 'US') then zip5 end as zip5
    from {{ source('raw', 'recipients') }}

),

staged_recipients as (

    select * from {{ ref('stg_usaspending__recipients') }}

),

prime_awards as (

    select * from {{ source('raw', 'prime_awards') }}

),

staged_prime_awards as (

    select * from {{ ref('stg_usaspending__prime_awards') }}

),

{{ count_values(columns) }},

final as (

    select * from value_counts

)

select * from final

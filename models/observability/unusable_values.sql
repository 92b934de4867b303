-- Purpose: how many of the values that are read as identifiers, dates, numbers, states and ZIP codes can be used, by the macros that
-- read them for staging.
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

{% for input, kinds in columns.items() -%}
judged_{{ input }} as (

    select
        {{ input }}._row_number,
        {%- for column, kind in kinds.items() %}
        {{ input }}.{{ column }},
        {{ value_use(kind, input ~ '.' ~ column, input ~ '._loaded_on') }} as {{ column }}_use{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ input }}
    left join states
        on {{ state_spelling(input ~ '.' ~ ('recipient_state_code' if input == 'prime_awards' else 'state')) }} = states.spelling

),

counted_{{ input }} as (

    select
        {%- for column in kinds %}
        count({{ column }}_use) as {{ column }}_given,
        count(case when {{ column }}_use = 'repaired' then 1 end) as {{ column }}_repaired,
        count(case when {{ column }}_use = 'unusable' then 1 end) as {{ column }}_unusable,
        min(case when {{ column }}_use = 'unusable' then _row_number end) as {{ column }}_row,
        min_by({{ column }}, case when {{ column }}_use = 'unusable' then _row_number end) as {{ column }}_value{{ ',' if not loop.last }}
        {%- endfor %}
    from judged_{{ input }}

),

{% endfor -%}
final as (
    {% for input, kinds in columns.items() %}
    {%- set is_last_input = loop.last %}
    {%- for column in kinds %}
    select
        '{{ input }}' as input,
        '{{ column }}' as {{ adapter.quote('column') }},
        {{ column }}_given as given,
        {{ column }}_given - {{ column }}_unusable as usable,
        {{ column }}_repaired as repaired,
        {{ value_to_show(column ~ '_value', column ~ '_row') }} as first_unusable
    from counted_{{ input }}
    {%- if not (loop.last and is_last_input) %}
    union all
    {%- endif %}
    {%- endfor %}
    {%- endfor %}

)

select * from final

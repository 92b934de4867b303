-- Purpose: SBIR/STTR awards with clean types and valid identifiers. Of the raw columns only those listed here go on: personal
-- ones (contacts, investigators, institutes) are read by no model.
-- Grain: one row per loaded award. Exact duplicates are kept, numbered and flagged.
{% set business_columns = [
    'company', 'award_title', 'agency', 'branch', 'phase', 'program', 'agency_tracking_number', 'contract',
    'proposal_award_date', 'contract_end_date', 'solicitation_number', 'solicitation_year', 'topic_code', 'award_year',
    'award_amount', 'uei', 'duns', 'hubzone_owned', 'socially_and_economically_disadvantaged', 'woman_owned',
    'number_employees', 'company_website', 'address1', 'address2', 'city', 'state', 'zip',
] %}

with awards as (

    select
        _row_number,
        _loaded_on,
        {{ business_columns | join(',\n        ') }}
    from {{ source('raw', 'awards') }}

),

agencies as (

    select * from {{ ref('agencies') }}

),

states as (

    select * from {{ ref('states') }}

),

fingerprinted as (

    select
        awards.*,
        {{ without_modification('contract') }} as unmodified_contract,
        {{ surrogate_key(business_columns) }} as fingerprint
    from awards

),

numbered as (

    select
        fingerprinted.*,
        row_number() over (partition by fingerprinted.fingerprint order by fingerprinted._row_number) as occurrence_number,
        agencies.agency_code,
        {{ canonical_award_key('fingerprinted.unmodified_contract', 'agencies.agency_code') }} as canonical_contract
    from fingerprinted
    left join agencies
        on upper({{ text_or_null('fingerprinted.agency') }}) = agencies.agency_name

),

final as (

    select
        {{ surrogate_key(['numbered.fingerprint', 'numbered.occurrence_number']) }} as award_key,
        numbered._row_number as source_row_number,
        numbered.occurrence_number > 1 as is_duplicate,
        {{ decoded_text_or_null('numbered.company') }} as company_name,
        {{ decoded_text_or_null('numbered.award_title') }} as award_title,
        {{ text_or_null('numbered.agency') }} as agency,
        numbered.agency_code,
        {{ text_or_null('numbered.branch') }} as branch,
        {{ text_or_null('numbered.phase') }} as phase,
        {{ text_or_null('numbered.program') }} as program,  -- noqa: RF04
        {{ text_or_null('numbered.agency_tracking_number') }} as agency_tracking_number,
        {{ text_or_null('numbered.contract') }} as contract_number,
        {{ award_number_or_null('numbered.canonical_contract') }} as award_number,
        {{ parse_date('numbered.proposal_award_date', 'numbered._loaded_on') }} as award_date,
        {{ parse_date('numbered.contract_end_date', 'numbered._loaded_on', last_year=2100) }} as contract_end_date,
        {{ text_or_null('numbered.solicitation_number') }} as solicitation_number,
        {{ parse_year('numbered.solicitation_year', 'numbered._loaded_on') }} as solicitation_year,
        {{ text_or_null('numbered.topic_code') }} as topic_code,
        {{ parse_year('numbered.award_year', 'numbered._loaded_on') }} as award_year,
        {{ parse_amount('numbered.award_amount') }} as award_amount,
        {{ valid_uei('numbered.uei') }} as uei,
        {{ valid_duns('numbered.duns') }} as duns,
        {{ parse_flag('numbered.hubzone_owned') }} as is_hubzone_owned,
        {{ parse_flag('numbered.socially_and_economically_disadvantaged') }} as is_disadvantaged,
        {{ parse_flag('numbered.woman_owned') }} as is_woman_owned,
        {{ parse_whole_number('numbered.number_employees') }} as number_employees,
        {{ text_or_null('numbered.company_website') }} as company_website,
        {{ text_or_null('numbered.address1') }} as address_line_1,
        {{ text_or_null('numbered.address2') }} as address_line_2,
        {{ decoded_text_or_null('numbered.city') }} as city,
        states.state_code as state,
        {{ zip5('numbered.zip') }} as zip5
    from numbered
    left join states
        on {{ state_spelling('numbered.state') }} = states.spelling

)

select * from final

-- Purpose: prime awards (contracts by PIID, grants by FAIN or URI) with the recipient that USAspending names for each.
-- Grain: one row per loaded prime award record.
with prime_awards as (

    select * from {{ source('raw', 'prime_awards') }}

),

agencies as (

    select * from {{ ref('agencies') }}

),

states as (

    select * from {{ ref('states') }}

),

final as (

    select
        prime_awards._row_number as source_row_number,
        prime_awards._transaction_of as transaction_of,
        {{ canonical_award_key('prime_awards.award_id_piid', 'agencies.agency_code') }} as piid,
        {{ canonical_award_key('prime_awards.parent_award_id_piid', 'agencies.agency_code') }} as parent_piid,
        {{ canonical_award_key('prime_awards.award_id_fain', 'agencies.agency_code') }} as fain,
        {{ canonical_award_key('prime_awards.award_id_uri', 'agencies.agency_code') }} as uri,
        agencies.agency_code,
        {{ parse_amount('prime_awards.total_obligated_amount') }} as total_obligation,
        {{ parse_date('prime_awards.award_base_action_date', 'prime_awards._loaded_on') }} as first_action_date,
        {{ parse_date('prime_awards.award_latest_action_date', 'prime_awards._loaded_on') }} as last_action_date,
        {{ valid_uei('prime_awards.recipient_uei') }} as uei,
        {{ valid_duns('prime_awards.recipient_duns') }} as duns,
        {{ decoded_text_or_null('prime_awards.recipient_name') }} as recipient_name,
        states.state_code as state,
        {{ zip5('prime_awards.recipient_zip_4_code') }} as zip5
    from prime_awards
    left join agencies
        on upper({{ text_or_null('prime_awards.awarding_agency_name') }}) = agencies.agency_name
    left join states
        on {{ state_spelling('prime_awards.recipient_state_code') }} = states.spelling

)

select * from final

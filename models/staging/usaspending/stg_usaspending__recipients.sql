-- Purpose: USAspending recipients with valid identifiers and state codes.
-- Grain: one row per loaded recipient record; a recipient (recipient_hash) may have several.
with recipients as (

    select * from {{ source('raw', 'recipients') }}

),

states as (

    select * from {{ ref('states') }}

),

cleaned as (

    select
        recipients._row_number as source_row_number,
        nullif(lower(trim(recipients.recipient_hash)), '') as given_hash,
        {{ decoded_text_or_null('recipients.legal_business_name') }} as recipient_name,
        -- An array as text: what is decoded in it could be taken for its punctuation. Its items are cleaned one by one.
        nullif(trim(recipients.alternate_names), '') as alternate_names,
        {{ valid_uei('recipients.uei') }} as uei,
        {{ valid_duns('recipients.duns') }} as duns,
        {{ valid_uei('recipients.parent_uei') }} as parent_uei,
        {{ decoded_text_or_null('recipients.parent_legal_business_name') }} as parent_name,
        {{ decoded_text_or_null('recipients.city') }} as city,
        states.state_code,
        -- No award goes to a firm abroad, but firms abroad have namesakes here. Some records say USA and give a foreign province.
        coalesce(upper({{ text_or_null('recipients.country_code') }}) not in ('USA', 'US'), false)
        or ({{ text_or_null('recipients.state') }} is not null and states.state_code is null) as is_abroad,
        {{ zip5('recipients.zip5') }} as zip5,
        {{ text_or_null('recipients.source') }} as record_source
    from recipients
    left join states
        on {{ state_spelling('recipients.state') }} = states.spelling

),

final as (

    select
        source_row_number,
        -- A record without a hash still names somebody: it gets one of the same shape from what identifies it.
        coalesce(given_hash, {{ surrogate_key(['uei', 'duns', 'upper(recipient_name)']) }}) as recipient_hash,
        recipient_name,
        alternate_names,
        uei,
        duns,
        parent_uei,
        parent_name,
        city,
        case when not is_abroad then state_code end as state,
        is_abroad,
        zip5,
        record_source
    from cleaned

)

select * from final

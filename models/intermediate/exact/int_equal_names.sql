-- Purpose: the names of recipients that awards or firms have too: what rules about equal names look through, not all names.
-- Grain: one row per recipient and normalised name.
with award_names as (

    select normalized_name from {{ ref('int_firm_awards') }}
    union distinct
    select normalized_name from {{ ref('int_firm_names') }}

),

final as (

    select
        recipient_names.recipient_hash,
        recipient_names.normalized_name,
        recipient_names.name_kind
    from {{ ref('int_recipient_names') }} as recipient_names
    inner join award_names
        on recipient_names.normalized_name = award_names.normalized_name

)

select * from final

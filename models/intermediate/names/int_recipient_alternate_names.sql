-- Purpose: the further names of a recipient, taken apart from USAspending's array text {"A INC","B LLC"}.
-- Grain: one row per recipient and alternate name.
with recipients as (

    select * from {{ ref('stg_usaspending__recipients') }}

),

items as (

    select
        recipient_hash,
        {{ array_items('alternate_names') }} as item
    from recipients
    where alternate_names is not null

),

unquoted as (

    select
        recipient_hash,
        {{ decoded_text_or_null(regex_replace('item', '[\\\\"]')) }} as alternate_name
    from items

),

final as (

    select distinct
        recipient_hash,
        alternate_name
    from unquoted
    where alternate_name is not null

)

select * from final

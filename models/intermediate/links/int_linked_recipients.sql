-- Purpose: the recipients that awards are linked to. Tables about awards join these few, not all millions.
-- Grain: one row per recipient of a linked award.
with linked as (

    select distinct recipient_hash from {{ ref('int_award_links') }}
    where recipient_hash is not null

),

final as (

    select
        recipients.recipient_hash,
        recipients.recipient_name,
        recipients.uei,
        recipients.duns,
        recipients.parent_uei,
        recipients.parent_name,
        recipients.city,
        recipients.state,
        recipients.zip5
    from {{ ref('int_recipients') }} as recipients
    inner join linked
        on recipients.recipient_hash = linked.recipient_hash

)

select * from final

-- Purpose: which recipients a firm's awards are linked to, and whether other firms are linked to them, too: then the money of a
-- recipient stands under each of these firms.
-- Grain: one row per firm and recipient.
with linked as (

    select
        firm_key,
        recipient_hash,
        count(*) as linked_awards
    from {{ ref('int_award_links') }}
    where firm_key is not null and recipient_hash is not null
    group by firm_key, recipient_hash

),

counted as (

    select
        *,
        row_number() over (partition by firm_key order by linked_awards desc, recipient_hash asc) as recipient_rank,
        count(*) over (partition by firm_key) as recipient_count,
        count(*) over (partition by recipient_hash) > 1 as is_shared_recipient
    from linked

),

final as (

    select
        *,
        max(is_shared_recipient) over (partition by firm_key) as has_shared_recipient
    from counted

)

select * from final

-- Purpose: awards whose UEI, DUNS and award number point to different recipients, and whether these could be one house: they
-- share a name or a parent.
-- Grain: one row per award in conflict.
with pointers as (

    select * from {{ ref('int_identifier_matches') }}

),

winners as (

    select
        award_key,
        min_by(recipient_hash, precedence) as recipient_hash
    from pointers
    group by award_key
    having count(distinct recipient_hash) > 1

),

disagreeing as (

    select distinct
        winners.award_key,
        winners.recipient_hash,
        pointers.recipient_hash as other_recipient_hash
    from winners
    inner join pointers
        on winners.award_key = pointers.award_key and winners.recipient_hash <> pointers.recipient_hash

),

same_name as (

    select distinct
        disagreeing.award_key,
        disagreeing.other_recipient_hash
    from disagreeing
    inner join {{ ref('int_recipient_names') }} as own_names
        on disagreeing.recipient_hash = own_names.recipient_hash
    inner join {{ ref('int_recipient_names') }} as other_names
        on
            disagreeing.other_recipient_hash = other_names.recipient_hash
            and own_names.normalized_name = other_names.normalized_name

),

judged as (

    select
        disagreeing.award_key,
        disagreeing.other_recipient_hash,
        same_name.award_key is not null
        or coalesce(coalesce(own.parent_uei, own.uei) = coalesce(other.parent_uei, other.uei), false)
        or coalesce(upper(own.parent_name) = upper(other.parent_name), false) as is_same_house
    from disagreeing
    inner join {{ ref('int_recipients') }} as own
        on disagreeing.recipient_hash = own.recipient_hash
    inner join {{ ref('int_recipients') }} as other
        on disagreeing.other_recipient_hash = other.recipient_hash
    left join same_name
        on
            disagreeing.award_key = same_name.award_key
            and disagreeing.other_recipient_hash = same_name.other_recipient_hash

),

final as (

    select
        award_key,
        min_by(other_recipient_hash, (is_same_house, other_recipient_hash)) as other_recipient_hash,
        not min(is_same_house) as is_unrelated
    from judged
    group by award_key

)

select * from final

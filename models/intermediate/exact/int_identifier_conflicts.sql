-- Purpose: awards whose UEI, DUNS and award number point to different recipients, or to one that does not go by the company's
-- name, and what follows. Recipients of one name or parent are related: the rule of the highest precedence links. Where they are
-- not, the name decides if it agrees with as many identifiers as it disagrees with; else the award is ambiguous. It is as well
-- where the identifiers agree on a recipient of another name while one of the company's name is listed. Where none is, the link
-- stands.
-- Grain: one row per award in conflict.
with pointers as (

    select
        matches.award_key,
        matches.recipient_hash,
        matches.precedence,
        coalesce(identified_names.name_agrees, false) as name_agrees,
        coalesce(not identified_names.name_agrees, false) as name_disagrees,
        identified_names.named_recipient_hash
    from {{ ref('int_identifier_matches') }} as matches
    inner join {{ ref('int_firm_awards') }} as firm_awards
        on matches.award_key = firm_awards.award_key
    left join {{ ref('int_identified_names') }} as identified_names
        on firm_awards.firm_key = identified_names.firm_key and matches.recipient_hash = identified_names.recipient_hash

),

winners as (

    select
        award_key,
        min_by(recipient_hash, precedence) as recipient_hash,
        min_by(name_disagrees, precedence) as name_disagrees,
        min_by(named_recipient_hash, precedence) as named_recipient_hash,
        count(distinct case when name_agrees then recipient_hash end) as agreeing_recipient_count,
        max(case when name_agrees then recipient_hash end) as agreeing_recipient_hash,
        count(case when name_agrees then 1 end) >= count(case when name_disagrees then 1 end) as name_decides
    from pointers
    group by award_key
    having count(distinct recipient_hash) > 1 or max(name_disagrees)

),

disagreeing as (

    select distinct
        winners.award_key,
        winners.recipient_hash,
        pointers.recipient_hash as other_recipient_hash,
        true as is_identified
    from winners
    inner join pointers
        on winners.award_key = pointers.award_key and winners.recipient_hash <> pointers.recipient_hash

    union all

    select
        award_key,
        recipient_hash,
        named_recipient_hash as other_recipient_hash,
        false as is_identified
    from winners
    where named_recipient_hash is not null

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
        disagreeing.is_identified,
        same_name.award_key is not null or {{ is_same_house('own', 'rival') }} as is_related
    from disagreeing
    inner join {{ ref('int_recipients') }} as own
        on disagreeing.recipient_hash = own.recipient_hash
    inner join {{ ref('int_recipients') }} as rival
        on disagreeing.other_recipient_hash = rival.recipient_hash
    left join same_name
        on
            disagreeing.award_key = same_name.award_key
            and disagreeing.other_recipient_hash = same_name.other_recipient_hash

),

other_sides as (

    select
        award_key,
        -- An unrelated one first, and one that an identifier points to.
        min_by(other_recipient_hash, (is_related, not is_identified, other_recipient_hash)) as other_recipient_hash,
        min(is_related) as is_related,
        max(is_identified and not is_related) as has_unrelated_identifier
    from judged
    group by award_key

),

decided as (

    select
        winners.*,
        other_sides.other_recipient_hash,
        case
            when other_sides.award_key is null then 'unlike name'
            when other_sides.is_related then 'related'
            when
                other_sides.has_unrelated_identifier
                and winners.agreeing_recipient_count = 1
                and winners.name_decides then 'outvoted'
            when other_sides.has_unrelated_identifier then 'unrelated'
            else 'other name'
        end as conflict
    from winners
    left join other_sides
        on winners.award_key = other_sides.award_key

),

final as (

    select
        award_key,
        case when conflict = 'outvoted' then agreeing_recipient_hash else recipient_hash end as recipient_hash,
        case
            when conflict = 'outvoted' and agreeing_recipient_hash <> recipient_hash then recipient_hash else other_recipient_hash
        end as other_recipient_hash,
        conflict,
        conflict in ('unrelated', 'other name') as is_ambiguous
    from decided

)

select * from final

-- Purpose: the name links of firms brought to their awards. Where the linked firm has several identifiers under one name, each
-- award takes the recipient of its own state and ZIP code, then the one active at its date, then the one that the rule chose.
-- Grain: one row per award of a firm that a name rule links.
with subject_links as (

    select * from {{ ref('int_subject_links') }}
    where recipient_hash is not null

),

choices as (

    select
        firm_awards.award_key,
        subject_links.match_method,
        subject_links.match_score,
        choice.recipient_hash,
        row_number() over (
            partition by firm_awards.award_key
            order by
                coalesce(choice.state = firm_awards.state, false) desc,
                coalesce(choice.zip5 = firm_awards.zip5, false) desc,
                coalesce(
                    firm_awards.awarded_on between obligations.first_action_date and obligations.last_action_date, false
                ) desc,
                choice.recipient_hash = linked.recipient_hash desc,
                choice.recipient_hash asc
        ) as choice_rank
    from {{ ref('int_firm_awards') }} as firm_awards
    inner join subject_links
        on firm_awards.firm_key = subject_links.subject_key
    inner join {{ ref('int_recipients') }} as linked
        on subject_links.recipient_hash = linked.recipient_hash
    inner join {{ ref('int_recipients') }} as choice
        on
            linked.recipient_group = choice.recipient_group
            and linked.has_identifier = choice.has_identifier
    left join {{ ref('int_recipient_obligations') }} as obligations
        on choice.recipient_hash = obligations.recipient_hash
    left join {{ ref('int_refused_pairs') }} as refused_pairs
        on subject_links.subject_key = refused_pairs.subject_key and choice.recipient_hash = refused_pairs.recipient_hash
    where refused_pairs.subject_key is null

),

final as (

    select
        award_key,
        match_method,
        match_score,
        recipient_hash
    from choices
    where choice_rank = 1

)

select * from final

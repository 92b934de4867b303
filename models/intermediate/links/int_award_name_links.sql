-- Purpose: the name links of firms brought to their awards. Where the linked firm has several identifiers under one name, each
-- award takes the recipient of its legal form, where these differ, then of its own state and ZIP code, then the one active at its
-- date, then one with a UEI, then the one written like it, then the one that the rule chose. Where its form is one recipient's
-- and its state another's, or its form is that of a namesake elsewhere, nothing decides.
-- Grain: one row per award of a firm that a name rule links; recipient_hash is null where nothing decides.
with subject_links as (

    select * from {{ ref('int_subject_links') }}
    where recipient_hash is not null

),

linked_awards as (

    select
        firm_awards.award_key,
        firm_awards.firm_key,
        firm_awards.company_name,
        firm_awards.normalized_name,
        firm_awards.legal_designator,
        firm_awards.legal_form,
        firm_awards.state,
        firm_awards.zip5,
        firm_awards.awarded_on,
        subject_links.match_method,
        subject_links.match_score,
        linked.recipient_hash,
        linked.recipient_group,
        linked.has_identifier
    from {{ ref('int_firm_awards') }} as firm_awards
    inner join subject_links
        on firm_awards.firm_key = subject_links.subject_key
    inner join {{ ref('int_recipients') }} as linked
        on subject_links.recipient_hash = linked.recipient_hash

),

choices as (

    select
        linked_awards.award_key,
        linked_awards.normalized_name,
        linked_awards.legal_form,
        linked_awards.match_method,
        linked_awards.match_score,
        choice.recipient_hash,
        choice.uei,
        choice.duns,
        choice.recipient_name,
        choice.recipient_hash = linked_awards.recipient_hash as is_linked,
        {{ legal_form_rank('linked_awards', 'choice') }} as form_rank,
        upper(choice.recipient_name) = upper(linked_awards.company_name) as is_spelled_alike,
        coalesce(choice.state = linked_awards.state, false) as state_agrees,
        coalesce(choice.zip5 = linked_awards.zip5, false) as zip_agrees,
        coalesce(linked_awards.awarded_on between obligations.first_action_date and obligations.last_action_date, false)
            as is_active_then
    from linked_awards
    inner join {{ ref('int_recipients') }} as choice
        on
            linked_awards.recipient_group = choice.recipient_group
            and linked_awards.has_identifier = choice.has_identifier
    left join {{ ref('int_recipient_obligations') }} as obligations
        on choice.recipient_hash = obligations.recipient_hash
    left join {{ ref('int_refused_pairs') }} as refused_pairs
        on linked_awards.firm_key = refused_pairs.subject_key and choice.recipient_hash = refused_pairs.recipient_hash
    where refused_pairs.subject_key is null

),

-- Legal forms tell firms apart only where each has a UEI of its own.
formed as (

    select
        *,
        uei is not null
        and form_rank = 0
        and max(case when uei is not null then form_rank end) over (partition by award_key) >= 2 as is_of_other_form
    from choices

),

ranked as (

    select
        *,
        max(is_of_other_form and state_agrees) over (partition by award_key)
        and not max(not is_of_other_form and state_agrees) over (partition by award_key) as is_torn,
        row_number() over (
            partition by award_key
            order by
                is_of_other_form asc,
                state_agrees desc,
                zip_agrees desc,
                is_active_then desc,
                uei is null asc,
                form_rank desc,
                is_spelled_alike desc,
                is_linked desc,
                {{ registration_order() }}
        ) as choice_rank
    from formed

),

namesakes as (

    select distinct ranked.award_key
    from ranked
    inner join {{ ref('int_equal_names') }} as equal_names
        on ranked.normalized_name = equal_names.normalized_name and equal_names.name_kind = 'legal'
    inner join {{ ref('int_recipients') }} as recipients
        on
            equal_names.recipient_hash = recipients.recipient_hash
            and ranked.legal_form = recipients.legal_form
            and recipients.uei is not null
            and not recipients.is_abroad
    where ranked.choice_rank = 1 and ranked.form_rank = 0 and ranked.uei is not null

),

final as (

    select
        ranked.award_key,
        ranked.match_method,
        ranked.match_score,
        case when not ranked.is_torn and namesakes.award_key is null then ranked.recipient_hash end as recipient_hash
    from ranked
    left join namesakes
        on ranked.award_key = namesakes.award_key
    where ranked.choice_rank = 1

)

select * from final

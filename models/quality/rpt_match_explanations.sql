-- Purpose: for every award, in words, why it is linked to its recipient or to none; built whatever the gates say.
-- Grain: one row per award.
with awards as (

    select * from {{ ref('enriched_sbir_awards') }}

),

award_links as (

    select * from {{ ref('int_award_links') }}

),

best_candidates as (

    select * from {{ ref('int_shown_candidates') }}
    where shown_rank = 1

),

rivals as (

    select
        firm_key,
        string_agg('''' || recipient_name || '''' || coalesce(' in ' || recipient_state, ''), ', ' order by shown_rank)
            as rival_names
    from {{ ref('int_shown_candidates') }}
    where match_status = 'ambiguous' and candidate_score >= {{ threshold('accept_score') }}
    group by firm_key

),

exact_names as (

    select distinct
        firm_key,
        recipient_hash
    from award_links
    where match_method = 'name-exact'

),

equal_names as (

    select
        linked.firm_key,
        linked.recipient_hash,
        min_by(
            recipient_names.recipient_name,
            (not firm_names.is_own_name, recipient_names.name_kind <> 'legal', recipient_names.recipient_name)
        )
            as recipient_name,
        min(not firm_names.is_own_name or recipient_names.name_kind <> 'legal') as is_trade_name,
        min(recipient_names.may_be_cut) as may_be_cut
    from exact_names as linked
    inner join {{ ref('int_firm_names') }} as firm_names
        on linked.firm_key = firm_names.firm_key
    inner join {{ ref('int_recipient_names') }} as recipient_names
        on
            linked.recipient_hash = recipient_names.recipient_hash
            and firm_names.normalized_name = recipient_names.normalized_name
            and recipient_names.name_kind <> 'parent'
    group by linked.firm_key, linked.recipient_hash

),

exact_recipients as (

    select distinct recipient_hash from exact_names

),

group_sizes as (

    select
        linked.recipient_hash,
        count(*) as recipient_count
    from exact_recipients
    inner join {{ ref('int_recipients') }} as linked
        on exact_recipients.recipient_hash = linked.recipient_hash
    inner join {{ ref('int_recipients') }} as same_group
        on linked.recipient_group = same_group.recipient_group
    group by linked.recipient_hash

),

firm_links as (

    select
        firm_key,
        count(distinct usaspending_recipient_hash) as recipient_count
    from {{ ref('enriched_sbir_awards') }}
    where usaspending_recipient_hash is not null
    group by firm_key

),

conflicts as (

    select
        conflicts.award_key,
        conflicts.conflict,
        identified_recipients.recipient_name as identified_recipient_name,
        other_recipients.recipient_name as other_recipient_name
    from {{ ref('int_identifier_conflicts') }} as conflicts
    inner join {{ ref('int_recipients') }} as identified_recipients
        on conflicts.recipient_hash = identified_recipients.recipient_hash
    left join {{ ref('int_recipients') }} as other_recipients
        on conflicts.other_recipient_hash = other_recipients.recipient_hash

),

worded as (

    select
        awards.award_key,
        awards.company_name,
        awards._usaspending_match_status as match_status,
        awards._usaspending_match_method as match_method,
        awards._usaspending_match_score as match_score,
        awards._usaspending_unmatched_reason as unmatched_reason,
        awards.usaspending_recipient_name,
        awards.usaspending_recipient_hash,
        case awards._usaspending_match_method
            when 'reviewed' then 'a person compared company and recipient and found them the same'
            when 'uei-exact' then 'UEI ' || awards.uei || ' is the recipient''s'
            when 'duns-exact' then 'DUNS ' || awards.duns || ' is the recipient''s'
            when 'award-key-exact' then 'award number ' || awards.contract_number || ' is a prime award of the recipient'
            when 'firm-exact' then 'the identified awards of this firm agree on the recipient'
            when 'name-exact'
                then
                    case when equal_names.is_trade_name then 'a further name of the two, ''' else 'name ''' end
                    || coalesce(equal_names.recipient_name, awards.usaspending_recipient_name) || ''''
                    || case
                        when equal_names.recipient_name = awards.company_name then ' is equal'
                        when
                            equal_names.may_be_cut
                            then ', perhaps cut at {{ threshold("cut_length") }} characters, is otherwise equal'
                        else ' is equal after normalisation'
                    end
                    || {{ place_words('awards.state', 'awards.usaspending_recipient_state') }}
                    || case
                        when group_sizes.recipient_count > 1
                            then '; one of ' || cast(group_sizes.recipient_count as varchar) || ' recipients of this name'
                        else ''
                    end
            when 'name-fuzzy-auto' then
                best_candidates.explanation || ': ' || {{ points('award_links.match_score') }}
                || coalesce('; next best ' || {{ points('award_links.next_best_score') }}, '; no other candidate')
        end as link_words,
        case
            when awards._usaspending_match_status = 'matched' then null
            when awards._usaspending_unmatched_reason = 'special name' then 'the award names no company'
            when award_links.has_undecided_conflict and conflicts.conflict = 'unrelated'
                then
                    'identifiers point to ''' || conflicts.identified_recipient_name || ''' and '''
                    || conflicts.other_recipient_name || ''', which share neither name nor parent'
            when award_links.has_undecided_conflict
                then
                    'the identifier points to ''' || conflicts.identified_recipient_name
                    || ''', but a recipient has the company''s name: ''' || conflicts.other_recipient_name || ''''
            when award_links.has_form_conflict
                then 'recipients of this name differ in legal form, and none has both the form and the state of the award'
            when awards._usaspending_match_status = 'ambiguous'
                then
                    cast(award_links.rival_count as varchar)
                    || ' recipients fit equally well and nothing tells them apart' || coalesce(': ' || rivals.rival_names, '')
            when best_candidates.firm_key is not null
                then
                    awards._usaspending_unmatched_reason || '; best candidate has '
                    || {{ points('best_candidates.candidate_score') }} || ', {{ threshold("accept_score") // 100 }} is needed: '
                    || best_candidates.explanation
            else awards._usaspending_unmatched_reason || '; no candidate comes close'
        end as refusal_words,
        case
            when awards._usaspending_match_status <> 'matched' then null
            when conflicts.conflict = 'related'
                then
                    '; another identifier or the name points to ''' || conflicts.other_recipient_name
                    || ''', of the same name or parent'
            when conflicts.conflict = 'outvoted'
                then
                    '; another identifier points to ''' || conflicts.other_recipient_name
                    || ''', but the name agrees with this one'
            when conflicts.conflict = 'unlike name'
                then '; but it goes by another name, and no recipient has the company''s'
            when conflicts.award_key is null and awards._usaspending_identifier_conflict
                then
                    '; but the award gives '
                    || concat_ws(' and ', 'UEI ' || awards.uei, 'DUNS ' || awards.duns)
                    || ', the recipient has '
                    || concat_ws(
                        ' and ', 'UEI ' || awards.usaspending_recipient_uei, 'DUNS ' || awards.usaspending_recipient_duns
                    )
        end as conflict_words,
        case
            when firm_links.recipient_count > 1 and awards.usaspending_recipient_hash is not null
                then '; other awards of this firm belong to another recipient, by their identifiers, legal form, place or date'
        end as disagreement_words
    from awards
    inner join award_links
        on awards.award_key = award_links.award_key
    left join conflicts
        on awards.award_key = conflicts.award_key
    left join best_candidates
        on awards.firm_key = best_candidates.firm_key
    left join rivals
        on awards.firm_key = rivals.firm_key
    left join equal_names
        on awards.firm_key = equal_names.firm_key and awards.usaspending_recipient_hash = equal_names.recipient_hash
    left join group_sizes
        on awards.usaspending_recipient_hash = group_sizes.recipient_hash
    left join firm_links
        on awards.firm_key = firm_links.firm_key

),

final as (

    select
        award_key,
        company_name,
        match_status,
        match_method,
        match_score,
        unmatched_reason,
        usaspending_recipient_name,
        usaspending_recipient_hash,
        coalesce(link_words, refusal_words) || coalesce(conflict_words, '') || coalesce(disagreement_words, '') as explanation
    from worded

)

select * from final

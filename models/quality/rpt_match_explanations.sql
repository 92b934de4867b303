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
        conflicts.is_unrelated,
        other_recipients.recipient_name as other_recipient_name
    from {{ ref('int_identifier_conflicts') }} as conflicts
    inner join {{ ref('int_recipients') }} as other_recipients
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
                then 'normalised names are equal' || {{ place_words('awards.state', 'awards.usaspending_recipient_state') }}
            when 'name-fuzzy-auto' then
                best_candidates.explanation || ': ' || {{ points('award_links.match_score') }}
                || coalesce('; next best ' || {{ points('award_links.next_best_score') }}, '; no other candidate')
        end as link_words,
        case
            when awards._usaspending_match_status = 'matched' then null
            when awards._usaspending_unmatched_reason = 'special name' then 'the award names no company'
            when award_links.has_unrelated_conflict
                then 'UEI, DUNS and award number point to recipients that share neither name nor parent'
            when awards._usaspending_match_status = 'ambiguous'
                then
                    cast(award_links.rival_count as varchar)
                    || ' recipients fit equally well and nothing tells them apart'
            when best_candidates.firm_key is not null
                then
                    awards._usaspending_unmatched_reason || '; best candidate has '
                    || {{ points('best_candidates.candidate_score') }} || ', {{ threshold("accept_score") // 100 }} is needed: '
                    || best_candidates.explanation
            else awards._usaspending_unmatched_reason || '; no candidate comes close'
        end as refusal_words,
        case
            when conflicts.award_key is not null and not conflicts.is_unrelated
                then '; another identifier points to ''' || conflicts.other_recipient_name || ''', of the same name or parent'
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
                then '; other awards of this firm belong to another recipient, by their identifiers, place or date'
        end as disagreement_words
    from awards
    inner join award_links
        on awards.award_key = award_links.award_key
    left join conflicts
        on awards.award_key = conflicts.award_key
    left join best_candidates
        on awards.firm_key = best_candidates.firm_key
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

-- Purpose: for every award, in words, why it is linked to its recipient or to none.
-- Grain: one row per award.
with awards as (

    select * from {{ ref('enriched_sbir_awards') }}

),

fuzzy_links as (

    select * from {{ ref('int_fuzzy_links') }}

),

best_candidates as (

    select * from {{ ref('int_fuzzy_candidates') }}
    where candidate_rank = 1

),

linked_candidates as (

    select
        candidates.*,
        fuzzy_links.next_best_score
    from {{ ref('int_fuzzy_candidates') }} as candidates
    inner join fuzzy_links
        on candidates.firm_key = fuzzy_links.firm_key and candidates.recipient_hash = fuzzy_links.recipient_hash

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

exact_links as (

    select * from {{ ref('int_exact_links') }}

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
            when 'uei-exact' then 'UEI ' || awards.uei || ' is the recipient''s'
            when 'duns-exact' then 'DUNS ' || awards.duns || ' is the recipient''s'
            when 'award-key-exact' then 'award number ' || awards.contract_number || ' is a prime award of the recipient'
            when 'firm-exact' then 'the identified awards of this firm agree on the recipient'
            when 'name-exact'
                then 'normalised names are equal' || {{ place_words('awards.state', 'awards.usaspending_recipient_state') }}
            when 'name-fuzzy-auto' then
                'name is like ''' || linked_candidates.recipient_name || ''''
                || case when linked_candidates.is_cut_name then ', cut at 30 characters and otherwise equal' else '' end
                || {{ place_words('linked_candidates.state', 'awards.usaspending_recipient_state') }}
                || ': ' || cast(linked_candidates.candidate_score as varchar)
                || coalesce('; next best ' || cast(linked_candidates.next_best_score as varchar), '; no other candidate')
        end as link_words,
        case
            when awards._usaspending_match_status = 'matched' then null
            when awards._usaspending_unmatched_reason = 'special name' then 'the award names no company'
            when conflicts.is_unrelated
                then 'UEI, DUNS and award number point to recipients that share neither name nor parent'
            when awards._usaspending_match_status = 'ambiguous'
                then
                    cast(coalesce(exact_links.recipient_count, fuzzy_links.rival_count) as varchar)
                    || ' recipients fit equally well and nothing tells them apart'
            when best_candidates.firm_key is not null
                then
                    awards._usaspending_unmatched_reason || '; best candidate ''' || best_candidates.recipient_name || ''' has '
                    || cast(best_candidates.candidate_score as varchar) || ', {{ threshold("accept_score") }} is needed'
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
        end as conflict_words
    from awards
    left join exact_links
        on awards.award_key = exact_links.award_key
    left join conflicts
        on awards.award_key = conflicts.award_key
    left join fuzzy_links
        on awards.firm_key = fuzzy_links.firm_key and exact_links.award_key is null
    left join linked_candidates
        on awards.firm_key = linked_candidates.firm_key and awards._usaspending_match_method = 'name-fuzzy-auto'
    left join best_candidates
        on awards.firm_key = best_candidates.firm_key and exact_links.award_key is null

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
        coalesce(link_words, refusal_words) || coalesce(conflict_words, '') as explanation
    from worded

)

select * from final

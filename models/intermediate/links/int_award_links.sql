-- Purpose: the decision on every award: what people said, then the identifiers, then the name. Identifiers that point to
-- different firms leave it ambiguous, unless the name decides (int_identifier_conflicts).
-- Grain: one row per award; recipient_hash, method and score (hundredths of a point) only where matched.
with joined as (

    select
        firm_awards.award_key,
        firm_awards.firm_key,
        reviewed.recipient_hash as reviewed_recipient_hash,
        exact_links.recipient_hash as exact_recipient_hash,
        exact_links.match_method as exact_match_method,
        exact_links.recipient_count as exact_recipient_count,
        coalesce(exact_links.has_identifier_conflict, false) as has_identifier_conflict,
        coalesce(exact_links.has_undecided_conflict, false) as has_undecided_conflict,
        exact_links.award_key is not null as has_exact_link,
        award_name_links.award_key is not null and award_name_links.recipient_hash is null as has_form_conflict,
        award_name_links.recipient_hash as name_recipient_hash,
        award_name_links.match_method as name_match_method,
        award_name_links.match_score as name_match_score,
        subject_links.match_status as subject_match_status,
        subject_links.rival_count,
        subject_links.next_best_score
    from {{ ref('int_firm_awards') }} as firm_awards
    left join {{ ref('int_match_reviewed') }} as reviewed
        on firm_awards.firm_key = reviewed.firm_key
    left join {{ ref('int_exact_links') }} as exact_links
        on firm_awards.award_key = exact_links.award_key
    left join {{ ref('int_award_name_links') }} as award_name_links
        on firm_awards.award_key = award_name_links.award_key
    left join {{ ref('int_subject_links') }} as subject_links
        on firm_awards.firm_key = subject_links.subject_key

),

decided as (

    select
        *,
        case
            when reviewed_recipient_hash is not null then 'reviewed'
            when has_undecided_conflict then 'none'
            when exact_recipient_hash is not null then 'exact'
            when name_recipient_hash is not null then 'name'
            else 'none'
        end as deciding_tier
    from joined

),

final as (

    select
        award_key,
        firm_key,
        case
            when deciding_tier <> 'none' then 'matched'
            when has_exact_link or has_form_conflict then 'ambiguous'
            else coalesce(subject_match_status, 'unmatched')
        end as match_status,
        case deciding_tier
            when 'reviewed' then 'reviewed' when 'exact' then exact_match_method when 'name' then name_match_method
        end
            as match_method,
        case deciding_tier when 'name' then name_match_score when 'none' then null else 10000 end as match_score,
        case deciding_tier
            when 'reviewed' then reviewed_recipient_hash
            when 'exact' then exact_recipient_hash
            when 'name' then name_recipient_hash
        end as recipient_hash,
        has_identifier_conflict,
        has_undecided_conflict,
        has_form_conflict,
        coalesce(exact_recipient_count, rival_count) as rival_count,
        next_best_score
    from decided

)

select * from final

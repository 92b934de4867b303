-- Purpose: what the name rules say of each subject: name-exact where it links, else the fuzzy tier.
-- Grain: one row per subject that any name rule touches; recipient_hash only where matched.
with name_exact as (

    select * from {{ ref('int_match_name_exact') }}

),

fuzzy_links as (

    select * from {{ ref('int_fuzzy_links') }}

),

final as (

    select
        coalesce(name_exact.subject_key, fuzzy_links.subject_key) as subject_key,
        case
            when name_exact.recipient_hash is not null then 'matched'
            else coalesce(fuzzy_links.match_status, 'ambiguous')
        end as match_status,
        case
            when name_exact.recipient_hash is not null or fuzzy_links.subject_key is null then 'name-exact' else 'name-fuzzy-auto'
        end
            as match_method,
        coalesce(name_exact.recipient_hash, fuzzy_links.recipient_hash) as recipient_hash,
        case
            when name_exact.recipient_hash is not null then 10000
            when fuzzy_links.recipient_hash is not null then fuzzy_links.match_score
        end as match_score,
        fuzzy_links.next_best_score,
        coalesce(fuzzy_links.rival_count, name_exact.recipient_count) as rival_count
    from name_exact
    full outer join fuzzy_links
        on name_exact.subject_key = fuzzy_links.subject_key

)

select * from final

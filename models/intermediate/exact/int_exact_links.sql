-- Purpose: the identifier rules together, and what a firm's identified awards say of its others: the link of the highest
-- precedence wins (seed match_methods), except that a name and an identifier which agree outvote another one. Conflicts that
-- nothing decides (int_identifier_conflicts), and ties that no rule resolves, leave the award ambiguous.
-- Grain: one row per award that any of these rules touches.
with rules as (

    select
        award_key,
        recipient_hash,
        recipient_count,
        'uei-exact' as match_method
    from {{ ref('int_match_uei_exact') }}
    union all
    select
        award_key,
        recipient_hash,
        recipient_count,
        'duns-exact' as match_method
    from {{ ref('int_match_duns_exact') }}
    union all
    select
        award_key,
        recipient_hash,
        recipient_count,
        'award-key-exact' as match_method
    from {{ ref('int_match_award_key_exact') }}
    union all
    select
        award_key,
        recipient_hash,
        recipient_count,
        'firm-exact' as match_method
    from {{ ref('int_match_firm_exact') }}

),

match_methods as (

    select * from {{ ref('match_methods') }}

),

conflicts as (

    select * from {{ ref('int_identifier_conflicts') }}

),

ranked as (

    select
        rules.*,
        conflicts.award_key is not null as has_identifier_conflict,
        coalesce(conflicts.is_ambiguous, false) as is_ambiguous,
        row_number() over (
            partition by rules.award_key
            order by
                rules.recipient_hash is null asc,
                coalesce(rules.recipient_hash <> conflicts.recipient_hash, false) asc,
                match_methods.precedence asc
        ) as link_rank
    from rules
    inner join match_methods
        on rules.match_method = match_methods.match_method
    left join conflicts
        on rules.award_key = conflicts.award_key

),

final as (

    select
        award_key,
        case when not is_ambiguous then recipient_hash end as recipient_hash,
        match_method,
        recipient_count,
        has_identifier_conflict,
        is_ambiguous as has_undecided_conflict
    from ranked
    where link_rank = 1

)

select * from final

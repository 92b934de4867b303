-- Purpose: what the award's own identifiers say: the links of the rules uei-exact, duns-exact and award-key-exact side by side.
-- Grain: one row per award and rule that points to one recipient.
with rules as (

    select
        award_key,
        recipient_hash,
        'uei-exact' as match_method
    from {{ ref('int_match_uei_exact') }}
    union all
    select
        award_key,
        recipient_hash,
        'duns-exact' as match_method
    from {{ ref('int_match_duns_exact') }}
    union all
    select
        award_key,
        recipient_hash,
        'award-key-exact' as match_method
    from {{ ref('int_match_award_key_exact') }}

),

match_methods as (

    select * from {{ ref('match_methods') }}

),

final as (

    select
        rules.award_key,
        rules.recipient_hash,
        rules.match_method,
        match_methods.precedence
    from rules
    inner join match_methods
        on rules.match_method = match_methods.match_method
    where rules.recipient_hash is not null

)

select * from final

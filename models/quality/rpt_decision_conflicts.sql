-- Purpose: decisions of people that cannot be followed, or that contradict something else, for people to look at again.
-- Grain: one row per firm, recipient and problem.
with decisions as (

    select * from {{ ref('int_firm_decisions') }}

),

reviewed as (

    select * from {{ ref('int_match_reviewed') }}

),

same_and_different as (

    select
        firm_key,
        recipient_hash,
        'decided both same and different' as problem
    from decisions
    group by firm_key, recipient_hash
    having count(*) > 1

),

firms_with_several as (

    select firm_key from decisions
    where decision = 'same'
    group by firm_key
    having count(*) > 1

),

several_recipients as (

    select
        decisions.firm_key,
        decisions.recipient_hash,
        'the firm was found the same as several recipients' as problem
    from decisions
    inner join firms_with_several
        on decisions.firm_key = firms_with_several.firm_key
    where decisions.decision = 'same'

),

gone_recipients as (

    select
        decisions.firm_key,
        decisions.recipient_hash,
        'the recipient is not among the loaded ones' as problem
    from decisions
    left join {{ ref('int_recipients') }} as recipients
        on decisions.recipient_hash = recipients.recipient_hash
    where decisions.decision = 'same' and recipients.recipient_hash is null

),

against_identifiers as (

    select distinct
        firm_awards.firm_key,
        exact_links.recipient_hash,
        'an identifier of the firm points to this recipient, people decided otherwise' as problem
    from {{ ref('int_exact_links') }} as exact_links
    inner join {{ ref('int_firm_awards') }} as firm_awards
        on exact_links.award_key = firm_awards.award_key
    left join reviewed
        on firm_awards.firm_key = reviewed.firm_key
    left join decisions
        on
            firm_awards.firm_key = decisions.firm_key
            and exact_links.recipient_hash = decisions.recipient_hash
            and decisions.decision = 'different'
    where
        exact_links.recipient_hash is not null
        and (reviewed.recipient_hash <> exact_links.recipient_hash or decisions.firm_key is not null)

),

unknown_companies as (

    -- The file may hold a decision twice, or another one about the same pair.
    select distinct
        seed_rows.company_name,
        seed_rows.state as company_state,
        seed_rows.recipient_hash
    from {{ ref('match_decisions') }} as seed_rows
    left join {{ ref('int_firm_awards') }} as firm_awards
        on
            {{ decoded_text_or_null('seed_rows.company_name') }} = firm_awards.company_name
            and coalesce(seed_rows.state, '') = coalesce(firm_awards.state, '')
    where firm_awards.award_key is null

),

problems as (

    select * from same_and_different
    union all
    select * from several_recipients
    union all
    select * from gone_recipients
    union all
    select * from against_identifiers

),

final as (

    select
        problems.firm_key,
        firms.company_name,
        firms.state as company_state,
        problems.recipient_hash,
        recipients.recipient_name,
        problems.problem
    from problems
    inner join {{ ref('int_firms') }} as firms
        on problems.firm_key = firms.firm_key
    left join {{ ref('int_recipients') }} as recipients
        on problems.recipient_hash = recipients.recipient_hash

    union all

    select
        cast(null as varchar) as firm_key,
        unknown_companies.company_name,
        unknown_companies.company_state,
        unknown_companies.recipient_hash,
        recipients.recipient_name,
        'no award names this company in this state' as problem
    from unknown_companies
    left join {{ ref('int_recipients') }} as recipients
        on unknown_companies.recipient_hash = recipients.recipient_hash

)

select * from final

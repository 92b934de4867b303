-- Purpose: how often each method is right, as measured: the name rules by score band on firms whose recipient is known; a UEI,
-- DUNS or award number by the award's other identifiers; firm-exact by leaving each identified award of a firm out in turn.
-- Grain: one row per method and score band that could be judged at all.
with name_rules as (

    select
        match_method,
        {{ score_band('match_score') }} as score_band,
        count(*) as judged,
        count(case when outcome = 'right' then 1 end) as right_links
    from {{ ref('evaluation_outcomes') }}
    where outcome in ('right', 'wrong')
    group by match_method, {{ score_band('match_score') }}

),

identifiers as (

    select
        matches.*,
        recipients.recipient_group
    from {{ ref('int_identifier_matches') }} as matches
    inner join {{ ref('int_recipients') }} as recipients
        on matches.recipient_hash = recipients.recipient_hash

),

identifier_rules as (

    select
        own.match_method,
        '100' as score_band,
        count(*) as judged,
        count(case when own.recipient_group = other.recipient_group then 1 end) as right_links
    from identifiers as own
    inner join identifiers as other
        on own.award_key = other.award_key and own.match_method <> other.match_method
    group by own.match_method

),

recipients_of_firms as (

    select
        firm_awards.firm_key,
        identified_awards.recipient_hash,
        recipients.recipient_group,
        count(*) as awards
    from {{ ref('int_identified_awards') }} as identified_awards
    inner join {{ ref('int_firm_awards') }} as firm_awards
        on identified_awards.award_key = firm_awards.award_key
    inner join {{ ref('int_recipients') }} as recipients
        on identified_awards.recipient_hash = recipients.recipient_hash
    where firm_awards.firm_key is not null
    group by firm_awards.firm_key, identified_awards.recipient_hash, recipients.recipient_group

),

firms as (

    select
        firm_key,
        count(*) as recipient_count,
        sum(awards) as awards,
        count(case when awards = 1 then 1 end) as single_awards,
        count(distinct recipient_group) as group_count
    from recipients_of_firms
    group by firm_key

),

-- Each identified award is left out in turn, and judged where the firm's others agree on one recipient.
firm_rule as (

    select
        'firm-exact' as match_method,
        '100' as score_band,
        coalesce(sum(case recipient_count when 1 then awards when 2 then single_awards end), 0) as judged,
        coalesce(
            sum(case when recipient_count = 1 then awards when recipient_count = 2 and group_count = 1 then single_awards end), 0
        )
            as right_links
    from firms
    where awards > 1

),

rules as (

    select * from name_rules
    union all
    select * from identifier_rules
    union all
    select * from firm_rule

),

final as (

    select
        match_method,
        score_band,
        cast(judged as bigint) as judged,
        cast(right_links as bigint) as right_links,
        round(cast(right_links as double) / judged, 6) as precision,
        {{ wilson_bound('right_links', 'judged', -1) }} as precision_lower,
        {{ wilson_bound('right_links', 'judged', 1) }} as precision_upper
    from rules
    where judged > 0

)

select * from final

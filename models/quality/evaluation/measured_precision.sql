-- Purpose: how often a method is right, as measured: the name rules by score band on firms whose recipient is known;
-- firm-exact by hiding the identifiers of each award in turn, of those as well that no recipient has. Nothing measures UEI,
-- DUNS and award number.
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

recipients_of_firms as (

    select
        firm_awards.firm_key,
        identified_awards.recipient_hash,
        recipients.recipient_group,
        identified_names.name_agrees,
        count(*) as award_count
    from {{ ref('int_identified_awards') }} as identified_awards
    inner join {{ ref('int_firm_awards') }} as firm_awards
        on identified_awards.award_key = firm_awards.award_key
    inner join {{ ref('stg_sbir__awards') }} as awards
        on identified_awards.award_key = awards.award_key and not awards.is_duplicate
    inner join {{ ref('int_recipients') }} as recipients
        on identified_awards.recipient_hash = recipients.recipient_hash
    inner join {{ ref('int_identified_names') }} as identified_names
        on
            firm_awards.firm_key = identified_names.firm_key
            and identified_awards.recipient_hash = identified_names.recipient_hash
    group by
        firm_awards.firm_key, identified_awards.recipient_hash, recipients.recipient_group, identified_names.name_agrees

),

counted as (

    select
        *,
        count(*) over (partition by firm_key) as recipient_count
    from recipients_of_firms

),

-- An award whose identifier is hidden is judged where the rule then links it: where the firm's other identified awards agree.
without_identifier as (

    select
        award_count as judged,
        award_count as right_links
    from counted
    where recipient_count = 1 and (award_count > 2 or (award_count = 2 and name_agrees))

    union all

    select
        1 as judged,
        case when left_out.recipient_group = rest.recipient_group then 1 else 0 end as right_links
    from counted as left_out
    inner join counted as rest
        on left_out.firm_key = rest.firm_key and left_out.recipient_hash <> rest.recipient_hash
    where left_out.recipient_count = 2 and left_out.award_count = 1 and (rest.award_count > 1 or rest.name_agrees)

),

-- So is one whose identifier no recipient has: it is another one than that of the recipient on which the firm's awards agree.
with_unknown_identifier as (

    select
        count(*) as judged,
        0 as right_links
    from {{ ref('int_identified_firms') }} as identified_firms
    inner join {{ ref('int_firm_awards') }} as firm_awards
        on identified_firms.firm_key = firm_awards.firm_key and identified_firms.is_corroborated
    inner join {{ ref('stg_sbir__awards') }} as awards
        on firm_awards.award_key = awards.award_key and not awards.is_duplicate
    inner join {{ ref('int_recipients') }} as recipients
        on identified_firms.recipient_hash = recipients.recipient_hash
    where
        not exists (
            select 1 from {{ ref('int_identifier_matches') }} as matches
            where firm_awards.award_key = matches.award_key
        )
        and (awards.uei <> recipients.uei or awards.duns <> recipients.duns)

),

firm_rule as (

    select
        'firm-exact' as match_method,
        '100' as score_band,
        sum(judged) as judged,
        sum(right_links) as right_links
    from (
        select * from without_identifier
        union all
        select * from with_unknown_identifier
    ) as hidden

),

rules as (

    select * from name_rules
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

-- Purpose: the crosswalk others cite: which firm is which federal recipient, when, and how that is known.
-- Grain: one row per firm, recipient and validity range (first to last award linked to it). Where a firm has several recipients,
-- the ranges show the succession.
with awards as (

    select
        awards.*,
        match_methods.precedence,
        coalesce(awards.award_date, make_date(awards.award_year, 1, 1)) as awarded_on
    from {{ ref('enriched_sbir_awards') }} as awards
    inner join {{ ref('match_methods') }} as match_methods
        on awards._usaspending_match_method = match_methods.match_method
    where awards.firm_key is not null

),

firms as (

    select * from {{ ref('int_firms') }}

),

measured_precision as (

    select * from {{ ref('measured_precision') }}

),

linked as (

    select
        firm_key,
        usaspending_recipient_hash,
        min(usaspending_recipient_name) as usaspending_recipient_name,
        min(usaspending_recipient_uei) as usaspending_recipient_uei,
        min(usaspending_recipient_duns) as usaspending_recipient_duns,
        min(awarded_on) as valid_from,
        max(awarded_on) as valid_to,
        min_by(_usaspending_match_method, precedence) as match_method,
        max(_usaspending_match_score) as match_score,
        count(*) as awards,
        count(case when uei = usaspending_recipient_uei then 1 end) as awards_with_same_uei,
        count(case when duns = usaspending_recipient_duns then 1 end) as awards_with_same_duns,
        count(case when _usaspending_identifier_conflict then 1 end) as awards_with_identifier_conflict
    from awards
    group by firm_key, usaspending_recipient_hash

),

final as (

    select
        firms.firm_key,
        firms.company_name,
        firms.state as company_state,
        linked.usaspending_recipient_hash,
        linked.usaspending_recipient_name,
        linked.usaspending_recipient_uei,
        linked.usaspending_recipient_duns,
        linked.valid_from,
        linked.valid_to,
        linked.match_method,
        linked.match_score,
        linked.awards,
        linked.awards_with_same_uei,
        linked.awards_with_same_duns,
        linked.awards_with_identifier_conflict,
        measured_precision.precision as measured_precision,
        measured_precision.precision_lower as measured_precision_lower,
        measured_precision.judged as measured_on
    from linked
    inner join firms
        on linked.firm_key = firms.firm_key
    left join measured_precision
        on
            linked.match_method = measured_precision.match_method
            and {{ score_band('cast(round(100 * linked.match_score) as integer)') }} = measured_precision.score_band

)

select * from final

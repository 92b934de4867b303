-- Purpose: what each firm received from SBIR/STTR, and which federal recipient it is with what obligations.
-- Grain: one row per firm (normalised name and state). The recipient is the one most of its awards are linked to.
with awards as (

    select * from {{ ref('enriched_sbir_awards') }}
    where firm_key is not null

),

firms as (

    select * from {{ ref('int_firms') }}

),

totals as (

    select
        firm_key,
        count(*) as awards,
        count(case when _usaspending_match_status = 'matched' then 1 end) as matched_awards,
        sum(award_amount) as award_amount,
        count(case when phase = 'Phase I' then 1 end) as phase_1_awards,
        sum(case when phase = 'Phase I' then award_amount end) as phase_1_amount,
        count(case when phase = 'Phase II' then 1 end) as phase_2_awards,
        sum(case when phase = 'Phase II' then award_amount end) as phase_2_amount,
        count(case when phase not in ('Phase I', 'Phase II') or phase is null then 1 end) as other_phase_awards,
        min(award_year) as first_award_year,
        max(award_year) as last_award_year
    from awards
    group by firm_key

),

by_year as (

    select
        firm_key,
        award_year,
        count(*) as awards,
        sum(award_amount) as award_amount
    from awards
    where award_year is not null
    group by firm_key, award_year

),

years as (

    select
        firm_key,
        {{ map_of('award_year', 'awards') }} as awards_by_year,
        {{ map_of('award_year', 'award_amount') }} as award_amount_by_year
    from by_year
    group by firm_key

),

linked as (

    select
        firm_key,
        usaspending_recipient_hash as recipient_hash,
        count(*) as linked_awards
    from awards
    where _usaspending_match_status = 'matched'
    group by firm_key, usaspending_recipient_hash

),

main_links as (

    select
        firm_key,
        recipient_hash,
        count(*) over (partition by firm_key) as recipient_count,
        row_number() over (partition by firm_key order by linked_awards desc, recipient_hash asc) as link_rank
    from linked

),

recipients as (

    select * from {{ ref('int_linked_recipients') }}

),

obligations as (

    select * from {{ ref('int_recipient_obligations') }}

),

final as (

    select
        firms.firm_key,
        firms.company_name,
        firms.normalized_name,
        firms.state,
        totals.awards,
        totals.matched_awards,
        totals.award_amount,
        totals.phase_1_awards,
        totals.phase_1_amount,
        totals.phase_2_awards,
        totals.phase_2_amount,
        totals.other_phase_awards,
        totals.first_award_year,
        totals.last_award_year,
        years.awards_by_year,
        years.award_amount_by_year,
        coalesce(main_links.recipient_count, 0) as recipient_count,
        recipients.recipient_hash as usaspending_recipient_hash,
        recipients.recipient_name as usaspending_recipient_name,
        recipients.uei as usaspending_recipient_uei,
        recipients.duns as usaspending_recipient_duns,
        obligations.total_obligation as usaspending_total_obligation,
        obligations.award_count as usaspending_award_count,
        obligations.first_action_date as usaspending_first_action_date,
        obligations.last_action_date as usaspending_last_action_date
    from firms
    inner join totals
        on firms.firm_key = totals.firm_key
    left join years
        on firms.firm_key = years.firm_key
    left join main_links
        on firms.firm_key = main_links.firm_key and main_links.link_rank = 1
    left join recipients
        on main_links.recipient_hash = recipients.recipient_hash
    left join obligations
        on recipients.recipient_hash = obligations.recipient_hash

)

select * from final

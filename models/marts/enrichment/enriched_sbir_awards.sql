-- Purpose: every award with the federal recipient it belongs to, how that is known, or why not. The gates judge this table.
-- Grain: one row per loaded award, never more, never fewer.
with awards as (

    select * from {{ ref('stg_sbir__awards') }}

),

firm_awards as (

    select * from {{ ref('int_firm_awards') }}

),

firms as (

    select * from {{ ref('int_firms') }}

),

award_links as (

    select * from {{ ref('int_award_links') }}

),

recipients as (

    select * from {{ ref('int_linked_recipients') }}

),

obligations as (

    select * from {{ ref('int_recipient_obligations') }}

),

decided as (

    select
        awards.award_key,
        award_links.firm_key,
        firm_awards.is_special_name,
        firms.last_awarded_on as firm_last_awarded_on,
        award_links.match_status,
        award_links.match_method,
        award_links.match_score / 100.0 as match_score,
        award_links.recipient_hash,
        award_links.has_identifier_conflict
    from awards
    inner join firm_awards
        on awards.award_key = firm_awards.award_key
    inner join award_links
        on awards.award_key = award_links.award_key
    left join firms
        on award_links.firm_key = firms.firm_key

),

final as (

    select
        awards.award_key,
        decided.firm_key,
        awards.is_duplicate,
        awards.company_name,
        awards.award_title,
        awards.agency,
        awards.agency_code,
        awards.branch,
        awards.phase,
        awards.program,
        awards.contract_number,
        awards.agency_tracking_number,
        awards.solicitation_number,
        awards.solicitation_year,
        awards.topic_code,
        awards.award_year,
        awards.award_amount,
        awards.award_date,
        awards.contract_end_date,
        awards.uei,
        awards.duns,
        awards.is_hubzone_owned,
        awards.is_disadvantaged,
        awards.is_woman_owned,
        awards.number_employees,
        awards.company_website,
        awards.address_line_1,
        awards.address_line_2,
        awards.city,
        awards.state,
        awards.zip5,
        decided.match_status as _usaspending_match_status,
        decided.match_method as _usaspending_match_method,
        cast(decided.match_score as double) as _usaspending_match_score,
        case
            when decided.match_status = 'matched' then null
            when decided.is_special_name then 'special name'
            when decided.match_status = 'ambiguous' then 'ambiguous'
            when decided.match_status = 'review' then 'below threshold'
            when decided.firm_last_awarded_on < date '2007-10-01' then 'firm''s last award before 2007-10-01'
            when awards.uei is not null or awards.duns is not null then 'identifier unknown to the recipients'
            else 'no identifier and no similar name'
        end as _usaspending_unmatched_reason,
        decided.has_identifier_conflict
        -- An identifier that no recipient has leads nowhere, but may still contradict the one of the linked recipient.
        or coalesce(awards.uei <> recipients.uei, false)
        or coalesce(awards.duns <> recipients.duns, false) as _usaspending_identifier_conflict,
        recipients.recipient_name as usaspending_recipient_name,
        recipients.uei as usaspending_recipient_uei,
        recipients.duns as usaspending_recipient_duns,
        recipients.recipient_hash as usaspending_recipient_hash,
        recipients.city as usaspending_recipient_city,
        recipients.state as usaspending_recipient_state,
        recipients.zip5 as usaspending_recipient_zip5,
        recipients.parent_uei as usaspending_recipient_parent_uei,
        recipients.parent_name as usaspending_recipient_parent_name,
        obligations.total_obligation as usaspending_total_obligation,
        obligations.award_count as usaspending_award_count,
        obligations.first_action_date as usaspending_first_action_date,
        obligations.last_action_date as usaspending_last_action_date
    from awards
    inner join decided
        on awards.award_key = decided.award_key
    left join recipients
        on decided.recipient_hash = recipients.recipient_hash
    left join obligations
        on recipients.recipient_hash = obligations.recipient_hash

)

select * from final

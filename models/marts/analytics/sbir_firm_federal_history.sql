-- Purpose: what a firm and the recipients it is linked to received, year by year and agency by agency: SBIR/STTR awards
-- beside the recipient's prime awards that began in the year, with what was obligated to these to date.
-- Grain: one row per firm, recipient, fiscal year and agency; no recipient where the awards are not linked.
with awards as (

    select
        *,
        coalesce({{ fiscal_year('award_date') }}, award_year) as fiscal_year
    from {{ ref('enriched_sbir_awards') }}
    where firm_key is not null

),

firm_recipients as (

    select * from {{ ref('int_firm_recipients') }}

),

prime_awards as (

    select
        *,
        {{ fiscal_year('first_action_date') }} as fiscal_year
    from {{ ref('int_recipient_prime_awards') }}

),

sbir_years as (

    select
        firm_key,
        usaspending_recipient_hash as recipient_hash,
        fiscal_year,
        agency_code,
        count(*) as sbir_awards,
        count(case when phase = 'Phase I' then 1 end) as phase_1_awards,
        count(case when phase = 'Phase II' then 1 end) as phase_2_awards,
        sum(award_amount) as sbir_award_amount
    from awards
    group by firm_key, usaspending_recipient_hash, fiscal_year, agency_code

),

prime_years as (

    select
        recipient_hash,
        fiscal_year,
        agency_code,
        count(*) as prime_awards,
        sum(total_obligation) as total_obligation,
        count(case when is_sbir_award then 1 end) as sbir_prime_awards,
        sum(case when is_sbir_award then total_obligation end) as sbir_obligation,
        count(case when not is_sbir_award then 1 end) as other_prime_awards,
        sum(case when not is_sbir_award then total_obligation end) as other_obligation
    from prime_awards
    group by recipient_hash, fiscal_year, agency_code

),

-- Year and agency may be unknown, and what is unknown joins nothing: so both sides are stacked, not joined.
stacked as (

    select
        firm_key,
        recipient_hash,
        fiscal_year,
        agency_code,
        sbir_awards,
        phase_1_awards,
        phase_2_awards,
        sbir_award_amount,
        cast(null as bigint) as prime_awards,
        cast(null as decimal(38, 2)) as total_obligation,
        cast(null as bigint) as sbir_prime_awards,
        cast(null as decimal(38, 2)) as sbir_obligation,
        cast(null as bigint) as other_prime_awards,
        cast(null as decimal(38, 2)) as other_obligation
    from sbir_years

    union all

    select
        firm_recipients.firm_key,
        prime_years.recipient_hash,
        prime_years.fiscal_year,
        prime_years.agency_code,
        0 as sbir_awards,
        0 as phase_1_awards,
        0 as phase_2_awards,
        cast(null as decimal(38, 2)) as sbir_award_amount,
        prime_years.prime_awards,
        prime_years.total_obligation,
        prime_years.sbir_prime_awards,
        prime_years.sbir_obligation,
        prime_years.other_prime_awards,
        prime_years.other_obligation
    from prime_years
    inner join firm_recipients
        on prime_years.recipient_hash = firm_recipients.recipient_hash

),

history as (

    select
        firm_key,
        recipient_hash,
        fiscal_year,
        agency_code,
        cast(sum(sbir_awards) as bigint) as sbir_awards,
        cast(sum(phase_1_awards) as bigint) as phase_1_awards,
        cast(sum(phase_2_awards) as bigint) as phase_2_awards,
        sum(sbir_award_amount) as sbir_award_amount,
        cast(sum(prime_awards) as bigint) as prime_awards,
        sum(total_obligation) as total_obligation,
        cast(sum(sbir_prime_awards) as bigint) as sbir_prime_awards,
        sum(sbir_obligation) as sbir_obligation,
        cast(sum(other_prime_awards) as bigint) as other_prime_awards,
        sum(other_obligation) as other_obligation
    from stacked
    group by firm_key, recipient_hash, fiscal_year, agency_code

),

final as (

    select
        history.firm_key,
        firms.company_name,
        firms.state,
        history.recipient_hash as usaspending_recipient_hash,
        recipients.recipient_name as usaspending_recipient_name,
        recipients.uei as usaspending_recipient_uei,
        firm_recipients.is_shared_recipient,
        history.fiscal_year,
        history.agency_code,
        history.sbir_awards,
        history.phase_1_awards,
        history.phase_2_awards,
        history.sbir_award_amount,
        history.prime_awards,
        history.total_obligation,
        history.sbir_prime_awards,
        history.sbir_obligation,
        history.other_prime_awards,
        history.other_obligation
    from history
    inner join {{ ref('int_firms') }} as firms
        on history.firm_key = firms.firm_key
    left join firm_recipients
        on history.firm_key = firm_recipients.firm_key and history.recipient_hash = firm_recipients.recipient_hash
    left join {{ ref('int_linked_recipients') }} as recipients
        on history.recipient_hash = recipients.recipient_hash

)

select * from final

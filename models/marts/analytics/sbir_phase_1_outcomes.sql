-- Purpose: what followed a firm's first Phase I award: a Phase II, and the first prime award and the first contract that is
-- no SBIR/STTR award itself, with the days until then.
-- Grain: one row per firm with a Phase I award.
with first_phases as (

    select * from {{ ref('int_firm_phases') }}
    where phase = 'Phase I'

),

awards as (

    select * from {{ ref('enriched_sbir_awards') }}
    where phase = 'Phase II'

),

main_recipients as (

    select * from {{ ref('int_firm_recipients') }}
    where recipient_rank = 1

),

second_phases as (

    select
        awards.firm_key,
        min(awards.award_year) as first_award_year
    from awards
    inner join first_phases
        on awards.firm_key = first_phases.firm_key
    where awards.award_year >= first_phases.first_award_year
    group by awards.firm_key

),

prime_awards as (

    select * from {{ ref('int_phase_prime_awards') }}
    where phase = 'Phase I'

),

counted as (

    select
        firm_key,
        count(*) as prime_awards,
        count(case when is_sbir_award then 1 end) as sbir_prime_awards,
        {{ count_in_known_order('not is_other_after') }} as other_awards_before,
        {{ count_in_known_order('is_other_after') }} as other_awards_after
    from prime_awards
    group by firm_key

),

in_order as (

    select
        *,
        row_number() over (partition by firm_key order by first_action_date asc, source_row_number asc) as award_rank,
        row_number() over (partition by firm_key, is_contract order by first_action_date asc, source_row_number asc) as kind_rank
    from prime_awards
    where is_other_after

),

final as (

    select
        first_phases.firm_key,
        firms.company_name,
        firms.state,
        first_phases.awards as phase_1_awards,
        first_phases.award_amount as phase_1_amount,
        first_phases.first_award_agency as first_phase_1_agency,
        first_phases.first_award_year as first_phase_1_year,
        first_phases.first_award_date as first_phase_1_date,
        first_phases.is_first_award_dated as is_first_phase_1_dated,
        second_phases.first_award_year as first_phase_2_year,
        second_phases.first_award_year - first_phases.first_award_year as years_to_phase_2,
        coalesce(main_recipients.recipient_count, 0) as recipient_count,
        main_recipients.has_shared_recipient,
        recipients.recipient_name as usaspending_recipient_name,
        counted.prime_awards,
        counted.sbir_prime_awards,
        counted.other_awards_before,
        counted.other_awards_after,
        first_awards.first_action_date as first_other_award_date,
        first_awards.agency_code as first_other_award_agency_code,
        first_contracts.first_action_date as first_other_contract_date,
        first_contracts.agency_code as first_other_contract_agency_code,
        case
            when first_phases.is_first_award_dated
                then {{ dbt.datediff('first_phases.first_award_date', 'first_awards.first_action_date', 'day') }}
        end as days_to_first_other_award,
        case
            when first_phases.is_first_award_dated
                then {{ dbt.datediff('first_phases.first_award_date', 'first_contracts.first_action_date', 'day') }}
        end as days_to_first_other_contract
    from first_phases
    inner join {{ ref('int_firms') }} as firms
        on first_phases.firm_key = firms.firm_key
    left join second_phases
        on first_phases.firm_key = second_phases.firm_key
    left join main_recipients
        on first_phases.firm_key = main_recipients.firm_key
    left join {{ ref('int_linked_recipients') }} as recipients
        on main_recipients.recipient_hash = recipients.recipient_hash
    left join counted
        on first_phases.firm_key = counted.firm_key
    left join in_order as first_awards
        on first_phases.firm_key = first_awards.firm_key and first_awards.award_rank = 1
    left join in_order as first_contracts
        on
            first_phases.firm_key = first_contracts.firm_key
            and first_contracts.is_contract
            and first_contracts.kind_rank = 1

)

select * from final

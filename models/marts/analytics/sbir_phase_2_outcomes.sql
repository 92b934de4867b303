-- Purpose: what the government obligated to a firm's recipients after its first Phase II award, SBIR/STTR awards themselves
-- left out, and how the firm ranks by it. An obligation is the whole award's to date; it counts as after where the award
-- began after.
-- Grain: one row per firm with a Phase II award.
with second_phases as (

    select * from {{ ref('int_firm_phases') }}
    where phase = 'Phase II'

),

main_recipients as (

    select * from {{ ref('int_firm_recipients') }}
    where recipient_rank = 1

),

prime_awards as (

    select * from {{ ref('int_phase_prime_awards') }}
    where phase = 'Phase II'

),

counted as (

    select
        firm_key,
        count(*) as prime_awards,
        count(case when is_sbir_award then 1 end) as sbir_prime_awards,
        {{ count_in_known_order('not is_other_after') }} as other_awards_before,
        sum(case when not is_other_after then total_obligation end) as other_obligation_before,
        {{ count_in_known_order('is_other_after') }} as other_awards_after,
        sum(case when is_other_after then total_obligation end) as other_obligation_after,
        {{ count_in_known_order('is_other_after and is_contract') }} as other_contracts_after,
        sum(case when is_other_after and is_contract then total_obligation end) as other_contract_obligation_after,
        min(case when is_other_after then first_action_date end) as first_other_award_date
    from prime_awards
    group by firm_key

),

final as (

    select
        second_phases.firm_key,
        firms.company_name,
        firms.state,
        second_phases.awards as phase_2_awards,
        second_phases.award_amount as phase_2_amount,
        second_phases.first_award_agency as first_phase_2_agency,
        second_phases.first_award_year as first_phase_2_year,
        second_phases.first_award_date as first_phase_2_date,
        second_phases.is_first_award_dated as is_first_phase_2_dated,
        coalesce(main_recipients.recipient_count, 0) as recipient_count,
        main_recipients.has_shared_recipient,
        recipients.recipient_name as usaspending_recipient_name,
        counted.prime_awards,
        counted.sbir_prime_awards,
        counted.other_awards_before,
        counted.other_obligation_before,
        counted.other_awards_after,
        counted.other_obligation_after,
        counted.other_contracts_after,
        counted.other_contract_obligation_after,
        counted.first_other_award_date,
        case
            when counted.other_obligation_after is not null
                then rank() over (order by counted.other_obligation_after desc nulls last)
        end as obligation_rank
    from second_phases
    inner join {{ ref('int_firms') }} as firms
        on second_phases.firm_key = firms.firm_key
    left join main_recipients
        on second_phases.firm_key = main_recipients.firm_key
    left join {{ ref('int_linked_recipients') }} as recipients
        on main_recipients.recipient_hash = recipients.recipient_hash
    left join counted
        on second_phases.firm_key = counted.firm_key

)

select * from final

-- Purpose: the prime awards of a firm's recipients as seen from its first award of each phase: SBIR/STTR awards themselves,
-- and others that began before it (or on its day) or after. Where either date is unknown, so is the order.
-- Grain: one row per firm, phase and prime award.
with phases as (

    select * from {{ ref('int_firm_phases') }}

),

firm_recipients as (

    select * from {{ ref('int_firm_recipients') }}

),

prime_awards as (

    select * from {{ ref('int_recipient_prime_awards') }}

),

final as (

    select
        phases.firm_key,
        phases.phase,
        prime_awards.source_row_number,
        prime_awards.agency_code,
        prime_awards.is_contract,
        prime_awards.is_sbir_award,
        prime_awards.total_obligation,
        prime_awards.first_action_date,
        case when not prime_awards.is_sbir_award then prime_awards.first_action_date > phases.first_award_date end
            as is_other_after
    from phases
    inner join firm_recipients
        on phases.firm_key = firm_recipients.firm_key
    inner join prime_awards
        on firm_recipients.recipient_hash = prime_awards.recipient_hash

)

select * from final

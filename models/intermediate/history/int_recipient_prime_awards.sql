-- Purpose: the prime awards of the recipients that SBIR/STTR awards are linked to, and which of them are such awards
-- themselves: those that go by the number of an award in the award file, or are orders under it; within its agency, or alone
-- where the number is long.
-- Grain: one row per prime award of a linked recipient.
with linked_recipients as (

    select distinct recipient_hash from {{ ref('int_firm_recipients') }}

),

prime_awards as (

    select prime_awards.*
    from {{ ref('int_prime_award_recipients') }} as prime_awards
    inner join linked_recipients
        on prime_awards.recipient_hash = linked_recipients.recipient_hash

),

sbir_numbers as (

    select distinct
        award_number,
        agency_code
    from {{ ref('stg_sbir__awards') }}
    where award_number is not null

),

long_sbir_numbers as (

    select distinct award_number from sbir_numbers
    where length(award_number) >= {{ threshold('min_key_length_alone') }}

),

numbers as (

    {{ prime_award_numbers('prime_awards', ['agency_code', 'source_row_number']) }}

    union all

    select
        parent_piid as award_number,
        agency_code,
        source_row_number
    from prime_awards

),

sbir_prime_awards as (

    select distinct numbers.source_row_number
    from numbers
    left join sbir_numbers
        on numbers.award_number = sbir_numbers.award_number and numbers.agency_code = sbir_numbers.agency_code
    left join long_sbir_numbers
        on numbers.award_number = long_sbir_numbers.award_number
    where coalesce(sbir_numbers.award_number, long_sbir_numbers.award_number) is not null

),

final as (

    select
        prime_awards.source_row_number,
        prime_awards.recipient_hash,
        prime_awards.agency_code,
        prime_awards.piid is not null as is_contract,
        sbir_prime_awards.source_row_number is not null as is_sbir_award,
        prime_awards.total_obligation,
        prime_awards.first_action_date,
        prime_awards.last_action_date
    from prime_awards
    left join sbir_prime_awards
        on prime_awards.source_row_number = sbir_prime_awards.source_row_number

)

select * from final

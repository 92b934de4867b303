-- Purpose: rule award-key-exact: the award's contract or grant number is a prime award's. Within the agency first, then alone.
-- Grain: one row per award whose number points to one recipient.
with awards as (

    select * from {{ ref('stg_sbir__awards') }}
    where award_number is not null

),

numbers as (

    select * from {{ ref('int_prime_award_numbers') }}

),

final as (

    select
        awards.award_key,
        coalesce(within_agency.recipient_hash, alone.recipient_hash) as recipient_hash,
        1 as recipient_count
    from awards
    left join numbers as within_agency
        on awards.award_number = within_agency.award_number and awards.agency_code = within_agency.agency_code
    left join numbers as alone
        on awards.award_number = alone.award_number and alone.agency_code is null
    where coalesce(within_agency.recipient_hash, alone.recipient_hash) is not null

)

select * from final

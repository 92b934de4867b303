-- Purpose: the numbers of SBIR awards that point to one recipient; prime awards have millions that no SBIR award gives. An
-- order's number counts together with its parent contract; a number stands alone, whatever the agency, only where it is long
-- enough to be no mere order number ("0001").
-- Grain: one row per award number and agency; agency_code is null where the number stands alone.
with awards as (

    select * from {{ ref('stg_sbir__awards') }}

),

prime_awards as (

    select * from {{ ref('int_prime_award_recipients') }}

),

numbers as (

    {{ prime_award_numbers('prime_awards', ['agency_code', 'recipient_hash', 'recipient_identity']) }}

),

numbers_of_awards as (

    select * from numbers
    where award_number in (select awards.award_number from awards)

),

within_agency as (

    select
        award_number,
        agency_code,
        min(recipient_hash) as recipient_hash
    from numbers_of_awards
    where agency_code is not null
    group by award_number, agency_code
    having count(distinct recipient_identity) = 1 and min(recipient_hash) is not null

),

alone as (

    select
        award_number,
        cast(null as varchar) as agency_code,
        min(recipient_hash) as recipient_hash
    from numbers_of_awards
    where length(award_number) >= {{ threshold('min_key_length_alone') }}
    group by award_number
    having count(distinct recipient_identity) = 1 and min(recipient_hash) is not null

),

final as (

    select * from within_agency
    union all
    select * from alone

)

select * from final

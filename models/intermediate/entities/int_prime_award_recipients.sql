-- Purpose: the recipient behind each prime award: by UEI, else by DUNS, else by name and state, each only where it points to one.
-- Grain: one row per prime award; recipient_hash is null where the recipient is not among the loaded ones.
with prime_awards as (

    select * from {{ ref('int_prime_awards') }}

),

company_names as (

    select * from {{ ref('int_usaspending_company_names') }}

),

by_uei as (

    select
        uei,
        min(recipient_hash) as recipient_hash
    from {{ ref('int_recipients') }}
    where uei in (select prime_awards.uei from prime_awards)
    group by uei
    having count(*) = 1

),

by_duns as (

    select
        duns,
        min(recipient_hash) as recipient_hash
    from {{ ref('int_recipients') }}
    where duns in (select prime_awards.duns from prime_awards)
    group by duns
    having count(*) = 1

),

by_name as (

    select
        normalized_name,
        state,
        min(recipient_hash) as recipient_hash,
        min(uei) as uei
    from {{ ref('int_recipients') }}
    where
        state is not null
        and normalized_name in (
            select company_names.normalized_name
            from prime_awards
            inner join company_names
                on prime_awards.recipient_name = company_names.company_name
        )
    group by normalized_name, state
    having count(*) = 1

),

pointed as (

    select
        prime_awards.*,
        coalesce(by_uei.recipient_hash, by_duns.recipient_hash, by_name.recipient_hash) as recipient_hash
    from prime_awards
    left join company_names
        on prime_awards.recipient_name = company_names.company_name
    left join by_uei
        on prime_awards.uei = by_uei.uei
    left join by_duns
        on prime_awards.duns = by_duns.duns
    left join by_name
        on
            company_names.normalized_name = by_name.normalized_name
            and prime_awards.state = by_name.state
            and coalesce(prime_awards.uei = by_name.uei, true)

),

final as (

    select
        source_row_number,
        recipient_hash,
        coalesce(recipient_hash, uei, duns, recipient_name) as recipient_identity,
        agency_code,
        piid,
        parent_piid,
        fain,
        uri,
        total_obligation,
        first_action_date,
        last_action_date
    from pointed

)

select * from final

-- Purpose: rule reviewed: a person said that the firm is the recipient. It overrides every other rule. Where people contradict
-- each other (two recipients, or same and different), none is followed.
-- Grain: one row per firm that people linked to one recipient.
with decisions as (

    select * from {{ ref('int_firm_decisions') }}

),

contradicted as (

    select firm_key from decisions
    group by firm_key
    having count(*) > count(distinct recipient_hash)

),

said_same as (

    select
        firm_key,
        min(recipient_hash) as recipient_hash
    from decisions
    where decision = 'same'
    group by firm_key
    having count(*) = 1

),

final as (

    select
        said_same.firm_key,
        said_same.recipient_hash
    from said_same
    inner join {{ ref('int_recipients') }} as recipients
        on said_same.recipient_hash = recipients.recipient_hash
    left join contradicted
        on said_same.firm_key = contradicted.firm_key
    where contradicted.firm_key is null

)

select * from final

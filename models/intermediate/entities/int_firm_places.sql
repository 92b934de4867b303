-- Purpose: where a firm's awards place it, as evidence for and against the recipients of its name.
-- Grain: one row per firm, ZIP code and city.
with places as (

    select distinct
        firm_key,
        zip5,
        {{ comparable_city('city') }} as city
    from {{ ref('int_firm_awards') }}
    where firm_key is not null

),

final as (

    select * from places
    where zip5 is not null or city is not null

)

select * from final

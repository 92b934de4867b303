-- Purpose: the firms with an award that no exact rule touches: the subjects of the fuzzy tier.
-- Grain: one row per firm.
with untouched as (

    select distinct firm_awards.firm_key
    from {{ ref('int_firm_awards') }} as firm_awards
    left join {{ ref('int_exact_links') }} as exact_links
        on firm_awards.award_key = exact_links.award_key
    where exact_links.award_key is null and firm_awards.firm_key is not null

),

final as (

    select
        firms.firm_key,
        firms.normalized_name,
        firms.state
    from {{ ref('int_firms') }} as firms
    inner join untouched
        on firms.firm_key = untouched.firm_key

)

select * from final

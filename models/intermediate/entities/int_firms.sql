-- Purpose: the firms that received awards, under their most frequent spelling.
-- Grain: one row per firm (normalised name and state).
with firm_awards as (

    select * from {{ ref('int_firm_awards') }}
    where firm_key is not null

),

spellings as (

    select
        firm_key,
        company_name,
        row_number() over (partition by firm_key order by count(*) desc, company_name asc) as spelling_rank
    from firm_awards
    group by firm_key, company_name

),

final as (

    select
        firm_awards.firm_key,
        firm_awards.normalized_name,
        firm_awards.state,
        max(spellings.company_name) as company_name,
        count(*) as award_count,
        min(firm_awards.awarded_on) as first_awarded_on,
        max(firm_awards.awarded_on) as last_awarded_on
    from firm_awards
    inner join spellings
        on firm_awards.firm_key = spellings.firm_key and spellings.spelling_rank = 1
    group by firm_awards.firm_key, firm_awards.normalized_name, firm_awards.state

)

select * from final

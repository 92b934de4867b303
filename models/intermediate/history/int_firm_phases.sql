-- Purpose: what each firm received in Phase I and in Phase II, and when that began. An award that gives only its year counts
-- from the last day of that year: nothing is taken to come after it that may have come before.
-- Grain: one row per firm and phase.
with awards as (

    select
        firm_awards.firm_key,
        awards.award_key,
        awards.phase,
        awards.agency,
        awards.award_year,
        awards.award_date,
        awards.award_amount,
        coalesce(awards.award_date, make_date(awards.award_year, 12, 31)) as counted_from
    from {{ ref('stg_sbir__awards') }} as awards
    inner join {{ ref('int_firm_awards') }} as firm_awards
        on awards.award_key = firm_awards.award_key
    where firm_awards.firm_key is not null and awards.phase in ('Phase I', 'Phase II')

),

final as (

    select
        firm_key,
        phase,
        count(*) as awards,
        sum(award_amount) as award_amount,
        min(award_year) as first_award_year,
        min(counted_from) as first_award_date,
        coalesce(min(counted_from) = min(award_date), false) as is_first_award_dated,
        min_by(agency, (counted_from, award_date is null, award_key)) as first_award_agency
    from awards
    group by firm_key, phase

)

select * from final

-- Purpose: which firm each award belongs to. A firm is a normalised name in a state; an award of unknown state joins it only
-- where the name occurs in a single state.
-- Grain: one row per award; firm_key is null where the award names nobody.
with awards as (

    select * from {{ ref('stg_sbir__awards') }}

),

company_names as (

    select * from {{ ref('int_sbir_company_names') }}

),

named as (

    select
        awards.award_key,
        awards.company_name,
        awards.state,
        awards.zip5,
        awards.city,
        coalesce(awards.award_date, make_date(awards.award_year, 1, 1)) as awarded_on,
        company_names.normalized_name,
        company_names.legal_designator,
        company_names.legal_form,
        coalesce(company_names.is_special, true) as is_special_name
    from awards
    left join company_names
        on awards.company_name = company_names.company_name

),

single_states as (

    select
        normalized_name,
        min(state) as state
    from named
    group by normalized_name
    having count(distinct state) = 1

),

placed as (

    select
        named.award_key,
        named.company_name,
        named.normalized_name,
        named.legal_designator,
        named.legal_form,
        coalesce(named.state, single_states.state) as state,
        named.zip5,
        named.city,
        named.awarded_on,
        named.is_special_name
    from named
    left join single_states
        on named.normalized_name = single_states.normalized_name

),

final as (

    select
        award_key,
        case when not is_special_name then {{ surrogate_key(['normalized_name', 'state']) }} end as firm_key,
        company_name,
        normalized_name,
        legal_designator,
        legal_form,
        state,
        zip5,
        city,
        awarded_on,
        is_special_name
    from placed

)

select * from final

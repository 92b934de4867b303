-- Purpose: the names a firm goes by in its awards: its own, and the further ones its spellings give (DBA).
-- Grain: one row per firm and normalised name.
with firm_spellings as (

    select distinct
        firm_key,
        company_name
    from {{ ref('int_firm_awards') }}
    where firm_key is not null

),

spellings as (

    select
        firm_key,
        company_name,
        true as is_own_name
    from firm_spellings

    union all

    select
        firm_spellings.firm_key,
        further_names.further_name as company_name,
        false as is_own_name
    from firm_spellings
    inner join {{ ref('int_award_further_names') }} as further_names
        on firm_spellings.company_name = further_names.company_name

),

company_names as (

    select * from {{ ref('int_sbir_company_names') }}

),

final as (

    select
        spellings.firm_key,
        company_names.normalized_name,
        max(spellings.is_own_name) as is_own_name,
        max(company_names.may_be_cut) as may_be_cut
    from spellings
    inner join company_names
        on spellings.company_name = company_names.company_name
    where not company_names.is_special
    group by spellings.firm_key, company_names.normalized_name

)

select * from final

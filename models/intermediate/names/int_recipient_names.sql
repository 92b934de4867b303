-- Purpose: every name a recipient goes by, normalised, with what kind of name it is: its legal names, the further names in these
-- (DBA), its alternate names, and its parent's name, which never makes a link.
-- Grain: one row per recipient and normalised name, under the strongest kind.
with recipients as (

    select * from {{ ref('stg_usaspending__recipients') }}

),

names as (

    select
        recipient_hash,
        recipient_name,
        1 as kind_rank
    from recipients

    union all

    select
        recipients.recipient_hash,
        further_names.further_name as recipient_name,
        2 as kind_rank
    from recipients
    inner join {{ ref('int_recipient_further_names') }} as further_names
        on recipients.recipient_name = further_names.company_name

    union all

    select
        recipient_hash,
        alternate_name as recipient_name,
        3 as kind_rank
    from {{ ref('int_recipient_alternate_names') }}

    union all

    select
        recipient_hash,
        parent_name as recipient_name,
        4 as kind_rank
    from recipients
    where parent_name is not null

),

company_names as (

    select * from {{ ref('int_usaspending_company_names') }}

),

special_recipients as (

    select recipients.recipient_hash
    from recipients
    inner join company_names
        on recipients.recipient_name = company_names.company_name
    where company_names.is_special

),

final as (

    select
        names.recipient_hash,
        company_names.normalized_name,
        substr(min(names.kind_rank || names.recipient_name), 2) as recipient_name,
        case min(names.kind_rank)
            when 1 then 'legal'
            when 2 then 'further'
            when 3 then 'alternate'
            else 'parent'
        end as name_kind,
        max(company_names.may_be_cut) as may_be_cut
    from names
    inner join company_names
        on names.recipient_name = company_names.company_name
    left join special_recipients
        on names.recipient_hash = special_recipients.recipient_hash
    where not company_names.is_special and special_recipients.recipient_hash is null
    group by names.recipient_hash, company_names.normalized_name

)

select * from final

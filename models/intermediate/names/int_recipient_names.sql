-- Purpose: every name a recipient goes by, normalised, with what kind of name it is: its legal names, the further names in these
-- (DBA), its alternate names, and its parent's name, which never makes a link.
-- Grain: one row per recipient and normalised name, under the strongest kind.
with company_names as (

    select * from {{ ref('int_usaspending_company_names') }}

),

-- Most recipients go by one name in one record; grouping the others alone spares an aggregate over all.
several_names as (

    select recipient_hash from {{ ref('stg_usaspending__recipients') }}
    group by recipient_hash
    having count(*) > 1

    union distinct

    select recipient_hash from {{ ref('stg_usaspending__recipients') }}
    where parent_name is not null

    union distinct

    select recipient_hash from {{ ref('int_recipient_alternate_names') }}

    union distinct

    select recipients.recipient_hash
    from {{ ref('stg_usaspending__recipients') }} as recipients
    inner join {{ ref('int_recipient_further_names') }} as further_names
        on recipients.recipient_name = further_names.company_name

),

only_names as (

    select
        recipients.recipient_hash,
        company_names.normalized_name,
        recipients.recipient_name,
        'legal' as name_kind,
        company_names.may_be_cut
    from {{ ref('stg_usaspending__recipients') }} as recipients
    inner join company_names
        on recipients.recipient_name = company_names.company_name
    left join several_names
        on recipients.recipient_hash = several_names.recipient_hash
    where several_names.recipient_hash is null and not company_names.is_special

),

names as (

    select
        recipients.recipient_hash,
        recipients.recipient_name,
        1 as kind_rank
    from {{ ref('stg_usaspending__recipients') }} as recipients
    inner join several_names
        on recipients.recipient_hash = several_names.recipient_hash

    union all

    select
        recipients.recipient_hash,
        further_names.further_name as recipient_name,
        2 as kind_rank
    from {{ ref('stg_usaspending__recipients') }} as recipients
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
    from {{ ref('stg_usaspending__recipients') }}
    where parent_name is not null

),

-- One that has a name of its own in some record goes by it, as in int_recipients.
special_recipients as (

    select names.recipient_hash
    from names
    inner join company_names
        on names.recipient_name = company_names.company_name
    where names.kind_rank = 1
    group by names.recipient_hash
    having count(case when not company_names.is_special then 1 end) = 0

),

strongest_names as (

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

),

final as (

    select * from only_names
    union all
    select * from strongest_names

)

select * from final

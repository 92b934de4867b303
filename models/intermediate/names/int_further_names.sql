-- Purpose: the names that one spelling gives beside the first: `X INC DBA Y` also names Y.
-- Grain: one row per spelling and further name.
with spellings as (

    select company_name from {{ ref('stg_sbir__awards') }}
    union distinct
    select recipient_name as company_name from {{ ref('stg_usaspending__recipients') }}

),

marked as (

    select
        company_name,
        {{ regex_replace('upper(company_name)', '(\\S)' ~ alias_marker(), '\\1~~') }} as marked_name
    from spellings

),

parts as (

    select
        company_name,
        {{ split_rows_in_order('marked_name', '~~') }}
    from marked
    where marked_name like '%~~%'

),

final as (

    select distinct
        company_name,
        {{ text_or_null(regex_replace('word', '[()]', ' ')) }} as further_name
    from parts
    where position > 1 and {{ text_or_null(regex_replace('word', '[()]', ' ')) }} is not null

)

select * from final

-- Purpose: the one place where names are normalised: each spelling once, whoever uses it.
-- Grain: one row per distinct spelling in awards, recipients, further, alternate and parent names, and prime awards.
with spellings as (

    select company_name from {{ ref('stg_sbir__awards') }}
    union distinct
    select recipient_name from {{ ref('stg_usaspending__recipients') }}
    union distinct
    select parent_name from {{ ref('stg_usaspending__recipients') }}
    union distinct
    select further_name from {{ ref('int_further_names') }}
    union distinct
    select alternate_name from {{ ref('int_recipient_alternate_names') }}
    union distinct
    select recipient_name from {{ ref('stg_usaspending__prime_awards') }}

),

named as (

    select company_name from spellings
    where company_name is not null

),

{{ normalize_company_name('named', 'company_name') }},

special_recipients as (

    select * from {{ ref('special_recipients') }}

),

final as (

    select
        normalized.company_name,
        normalized.normalized_name,
        -- FPDS cuts at 30 characters; a space at the cut is trimmed.
        length(normalized.company_name) between {{ threshold('cut_length') }} - 1 and {{ threshold('cut_length') }} as may_be_cut,
        -- A name without two letters or digits names nobody.
        coalesce(length(normalized.normalized_name), 0) < 2
        or special_recipients.recipient_name is not null as is_special
    from normalized
    left join special_recipients
        on normalized.normalized_name = special_recipients.recipient_name

)

select * from final

-- Purpose: rule duns-exact: the award's valid DUNS is the recipient's.
-- Grain: one row per award whose DUNS is known; recipient_hash is null where several recipients have it and nothing tells
-- them apart.
with candidates as (

    select
        awards.award_key,
        recipients.recipient_hash,
        firm_awards.firm_key,
        firm_awards.normalized_name,
        firm_awards.state
    from {{ ref('stg_sbir__awards') }} as awards
    inner join {{ ref('int_recipients') }} as recipients
        on awards.duns = recipients.duns
    inner join {{ ref('int_firm_awards') }} as firm_awards
        on awards.award_key = firm_awards.award_key

),

{{ resolve_recipients('candidates', 'award_key') }}

select * from resolved

-- Purpose: rule name-exact: the firm's normalised name is one of the recipient's; ties are broken by state, ZIP and identifier.
-- Grain: one row per firm whose name is known; recipient_hash is null on a tie.
with candidates as (

    select
        firms.firm_key,
        recipient_names.recipient_hash,
        firms.normalized_name,
        firms.state
    from {{ ref('int_firms') }} as firms
    inner join {{ ref('int_recipient_names') }} as recipient_names
        on firms.normalized_name = recipient_names.normalized_name

),

{{ resolve_recipients('candidates', 'firm_key') }}

select * from resolved

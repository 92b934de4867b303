-- Purpose: rule name-exact: a name of the firm is one of the recipient's. A trade name (DBA, alternate) links within a
-- state alone, and across states the name must be one that few have; other pairs are left to the scorer. Ties are broken by
-- state, ZIP and identifier.
-- Grain: one row per subject whose name is known; recipient_hash is null on a tie.
with candidates as (

    select distinct
        subject_names.subject_key,
        subject_names.firm_key,
        recipient_names.recipient_hash,
        subject_names.normalized_name,
        -- Awards of one firm may give several legal forms: int_award_name_links looks at those.
        cast(null as varchar) as legal_designator,
        cast(null as varchar) as legal_form,
        subject_names.state
    from {{ ref('int_subject_names') }} as subject_names
    inner join {{ ref('int_equal_names') }} as recipient_names
        on subject_names.normalized_name = recipient_names.normalized_name
    inner join {{ ref('int_recipients') }} as recipients
        on recipient_names.recipient_hash = recipients.recipient_hash
    left join {{ ref('int_refused_pairs') }} as refused_pairs
        on
            subject_names.subject_key = refused_pairs.subject_key
            and recipient_names.recipient_hash = refused_pairs.recipient_hash
    where
        recipient_names.name_kind <> 'parent'
        and refused_pairs.subject_key is null
        and case
            when recipients.is_abroad then false
            when recipients.state = subject_names.state then true
            when not subject_names.is_own_name or recipient_names.name_kind <> 'legal' then false
            else
                subject_names.distinctive_weight >= {{ threshold('moved_firm_weight') }}
                or recipients.state is null
                or subject_names.state is null
        end

),

{{ resolve_recipients('candidates', 'subject_key', ref('int_equal_names')) }}

select * from resolved

{#-
  The one way to choose among several recipients that a rule allows for a subject (an award, or a subject of the name rules): same
  name, then same state, then same ZIP code, then the identifier in use today (UEI), then any, then at least no other state.
  Where one firm is left under several identifiers (recipient_group), it is linked: to the one of the legal form as the award writes
  it, then the most active one; between registrations that nothing known tells apart, their identifiers keep the choice the same.
  Where several firms are left, it is a tie.

  `candidates` is a CTE with the subject column, recipient_hash and the subject's firm_key, normalized_name, legal_designator, legal_form
  and state; `names` is the relation of recipients' names among which theirs are looked for. Renders the CTE `resolved`: subject,
  recipient_hash (null on a tie), recipient_count (how many are left).
-#}
{% macro resolve_recipients(candidates, subject, names) -%}
    -- Of the names of all recipients only those that candidates have.
    agreeing_names as (
        select distinct
            recipient_names.recipient_hash,
            recipient_names.normalized_name
        from {{ names }} as recipient_names
        inner join {{ candidates }}
            on
                recipient_names.recipient_hash = {{ candidates }}.recipient_hash
                and recipient_names.normalized_name = {{ candidates }}.normalized_name
        where recipient_names.name_kind <> 'parent'
    ),

    evidenced as (
        select
            {{ candidates }}.{{ subject }},
            {{ candidates }}.recipient_hash,
            recipients.recipient_group,
            recipients.recipient_name,
            recipients.uei,
            recipients.duns,
            recipients.uei is not null as has_uei,
            recipients.has_identifier,
            max({{ legal_form_rank(candidates, 'recipients') }}) as form_rank,
            max(agreeing_names.recipient_hash is not null) as name_agrees,
            max(coalesce(recipients.state = {{ candidates }}.state, false)) as state_agrees,
            max(coalesce(recipients.state <> {{ candidates }}.state, false)) as state_differs,
            max(firm_places.firm_key is not null) as zip_agrees,
            max(coalesce(obligations.award_count, 0)) as activity
        from {{ candidates }}
        inner join {{ ref('int_recipients') }} as recipients
            on {{ candidates }}.recipient_hash = recipients.recipient_hash
        left join agreeing_names
            on
                {{ candidates }}.recipient_hash = agreeing_names.recipient_hash
                and {{ candidates }}.normalized_name = agreeing_names.normalized_name
        left join {{ ref('int_firm_places') }} as firm_places
            on
                {{ candidates }}.firm_key = firm_places.firm_key
                and recipients.zip5 = firm_places.zip5
        left join {{ ref('int_recipient_obligations') }} as obligations
            on {{ candidates }}.recipient_hash = obligations.recipient_hash
        group by
            {{ candidates }}.{{ subject }}, {{ candidates }}.recipient_hash, recipients.recipient_group, recipients.recipient_name,
            recipients.uei, recipients.duns, recipients.has_identifier
    ),

    ranked as (
        select
            *,
            rank() over (
                partition by {{ subject }}
                order by
                    name_agrees desc,
                    state_agrees desc,
                    zip_agrees desc,
                    has_uei desc,
                    has_identifier desc,
                    state_differs asc
            ) as evidence_rank
        from evidenced
    ),

    chosen as (
        select
            *,
            row_number() over (
                partition by {{ subject }}
                order by form_rank desc, activity desc, {{ registration_order() }}
            ) as choice_rank
        from ranked
        where evidence_rank = 1
    ),

    resolved as (
        select
            {{ subject }},
            case when count(distinct recipient_group) = 1 then min(case when choice_rank = 1 then recipient_hash end) end as recipient_hash,
            count(distinct recipient_group) as recipient_count
        from chosen
        group by {{ subject }}
    )
{%- endmacro %}

{#- What keeps the choice among registrations of one firm the same, whatever the order of files. Columns of int_recipients. -#}
{% macro registration_order(relation=none) -%}
    {%- set r = relation ~ '.' if relation else '' -%}
    {{ r }}uei asc nulls last, {{ r }}duns asc nulls last, {{ r }}recipient_name asc, {{ r }}recipient_hash asc
{%- endmacro %}

{#-
  The one way to choose among several recipients that a rule allows for a subject (an award, or a subject of the name rules): same
  name, then same state, then same ZIP code, then the identifier in use today (UEI), then any, then at least no other state.
  Recipients left that are one firm under several identifiers (recipient_group): the most active is taken. Else it is a tie.

  `candidates` is a CTE with the subject column, recipient_hash and the subject's firm_key, normalized_name and state; `names`
  is the relation of recipients' names among which theirs are looked for. Renders the CTE `resolved`: subject, recipient_hash (null on a tie), recipient_count (how
  many are left).
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
            recipients.uei is not null as has_uei,
            recipients.has_identifier,
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
            {{ candidates }}.{{ subject }}, {{ candidates }}.recipient_hash, recipients.recipient_group, recipients.uei,
            recipients.has_identifier
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

    resolved as (
        select
            {{ subject }},
            case when count(distinct recipient_group) = 1 then max_by(recipient_hash, (activity, recipient_hash)) end as recipient_hash,
            count(distinct recipient_group) as recipient_count
        from ranked
        where evidence_rank = 1
        group by {{ subject }}
    )
{%- endmacro %}

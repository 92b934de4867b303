{#-
  The one way to choose among several recipients that a rule allows for a subject (an award or a firm): same name, then same
  state, then same ZIP code, then the identifier in use today (UEI), then any, then at least no other state. Where that leaves
  several, it is a tie.

  `candidates` is a CTE with the subject column, recipient_hash and the subject's firm_key, normalized_name and state. Renders
  the CTE `resolved`: subject, recipient_hash (null on a tie), recipient_count (how many are left).
-#}
{% macro resolve_recipients(candidates, subject) -%}
    evidenced as (
        select distinct
            {{ candidates }}.{{ subject }},
            {{ candidates }}.recipient_hash,
            recipients.uei is not null as has_uei,
            recipients.has_identifier,
            recipient_names.recipient_hash is not null as name_agrees,
            coalesce(recipients.state = {{ candidates }}.state, false) as state_agrees,
            coalesce(recipients.state <> {{ candidates }}.state, false) as state_differs,
            firm_zip_codes.firm_key is not null as zip_agrees
        from {{ candidates }}
        inner join {{ ref('int_recipients') }} as recipients
            on {{ candidates }}.recipient_hash = recipients.recipient_hash
        left join {{ ref('int_recipient_names') }} as recipient_names
            on
                {{ candidates }}.recipient_hash = recipient_names.recipient_hash
                and {{ candidates }}.normalized_name = recipient_names.normalized_name
        left join {{ ref('int_firm_zip_codes') }} as firm_zip_codes
            on
                {{ candidates }}.firm_key = firm_zip_codes.firm_key
                and recipients.zip5 = firm_zip_codes.zip5
    ),

    ranked as (
        select
            {{ subject }},
            recipient_hash,
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
            case when count(*) = 1 then min(recipient_hash) end as recipient_hash,
            count(*) as recipient_count
        from ranked
        where evidence_rank = 1
        group by {{ subject }}
    )
{%- endmacro %}

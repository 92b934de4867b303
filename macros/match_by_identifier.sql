{#-
  The body of the rules uei-exact and duns-exact: awards and recipients that share a valid identifier, `uei` or `duns`. Where
  several recipients have it, resolve_recipients chooses or leaves a tie.
-#}
{% macro match_by_identifier(identifier) -%}
with candidates as (

    select
        awards.award_key,
        recipients.recipient_hash,
        firm_awards.firm_key,
        firm_awards.normalized_name,
        firm_awards.legal_designator,
        firm_awards.legal_form,
        firm_awards.state
    from {{ ref('stg_sbir__awards') }} as awards
    inner join {{ ref('int_recipients') }} as recipients
        on awards.{{ identifier }} = recipients.{{ identifier }}
    inner join {{ ref('int_firm_awards') }} as firm_awards
        on awards.award_key = firm_awards.award_key

),

{{ resolve_recipients('candidates', 'award_key', ref('int_equal_names')) }}

select * from resolved
{%- endmacro %}

-- Purpose: rule firm-exact: an award that no identifier links takes the recipient on which the firm's identified awards agree.
-- Not where the award's own UEI or DUNS is another one, nor where its legal form is that of another recipient of its name.
-- Grain: one row per award linked by its firm.
with identified_awards as (

    select distinct award_key from {{ ref('int_identifier_matches') }}

),

candidates as (

    select
        firm_awards.award_key,
        firm_awards.normalized_name,
        firm_awards.legal_form,
        recipients.recipient_hash,
        recipients.recipient_group,
        recipients.uei,
        {{ legal_form_rank('firm_awards', 'recipients') }} as form_rank
    from {{ ref('int_firm_awards') }} as firm_awards
    inner join {{ ref('int_identified_firms') }} as identified_firms
        on firm_awards.firm_key = identified_firms.firm_key and identified_firms.is_corroborated
    inner join {{ ref('int_recipients') }} as recipients
        on identified_firms.recipient_hash = recipients.recipient_hash
    inner join {{ ref('stg_sbir__awards') }} as awards
        on firm_awards.award_key = awards.award_key
    left join identified_awards
        on firm_awards.award_key = identified_awards.award_key
    where
        identified_awards.award_key is null
        and coalesce(awards.uei = recipients.uei, true)
        and coalesce(awards.duns = recipients.duns, true)

),

of_other_recipient as (

    select distinct candidates.award_key
    from candidates
    inner join {{ ref('int_equal_names') }} as equal_names
        on candidates.normalized_name = equal_names.normalized_name and equal_names.name_kind = 'legal'
    inner join {{ ref('int_recipients') }} as rivals
        on
            equal_names.recipient_hash = rivals.recipient_hash
            and candidates.legal_form = rivals.legal_form
            and rivals.uei is not null
    where
        candidates.uei is not null
        and (candidates.form_rank = 0 or (candidates.form_rank = 1 and candidates.recipient_group = rivals.recipient_group))

),

final as (

    select
        candidates.award_key,
        candidates.recipient_hash,
        1 as recipient_count
    from candidates
    left join of_other_recipient
        on candidates.award_key = of_other_recipient.award_key
    where of_other_recipient.award_key is null

)

select * from final

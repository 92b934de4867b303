-- Purpose: what the name rules resolve, all in one pass: the firms with an award that no identifier links (`production`), and a
-- sample of the identified firms with their identifiers hidden, half of them with their recipient still listed
-- (`evaluation-listed`), half with it withheld (`evaluation-withheld`), since a firm without a recipient must stay unlinked.
-- Grain: one row per subject.
with identified_firms as (

    select
        *,
        -- The last digit does not go with the rank, and a new firm changes no other's half.
        right({{ surrogate_key(['firm_key']) }}, 1) < '8' as is_listed,
        row_number() over (order by {{ surrogate_key(['firm_key']) }} asc, firm_key asc) as sample_rank
    from {{ ref('int_identified_firms') }}

),

identified_awards as (

    select award_key from {{ ref('int_identifier_matches') }}
    union distinct
    select award_key from {{ ref('int_match_firm_exact') }}

),

unidentified_firms as (

    select distinct firm_awards.firm_key
    from {{ ref('int_firm_awards') }} as firm_awards
    left join identified_awards
        on firm_awards.award_key = identified_awards.award_key
    where firm_awards.firm_key is not null and identified_awards.award_key is null

),

chosen as (

    select
        firm_key as subject_key,
        'production' as subject_kind,
        firm_key,
        cast(null as varchar) as true_recipient_hash
    from unidentified_firms

    union all

    select
        'evaluation:' || firm_key as subject_key,
        case when is_listed then 'evaluation-listed' else 'evaluation-withheld' end as subject_kind,
        firm_key,
        recipient_hash as true_recipient_hash
    from identified_firms
    where sample_rank <= {{ threshold('max_evaluation_subjects') }}

),

final as (

    select
        chosen.subject_key,
        chosen.subject_kind,
        chosen.firm_key,
        firms.state,
        chosen.true_recipient_hash,
        case when chosen.subject_kind = 'evaluation-withheld' then chosen.true_recipient_hash end as withheld_recipient_hash
    from chosen
    inner join {{ ref('int_firms') }} as firms
        on chosen.firm_key = firms.firm_key

)

select * from final

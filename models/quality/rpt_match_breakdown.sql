-- Purpose: how many awards are matched, and how much money that is, by every dimension people ask for.
-- Grain: one row per dimension and value; awards without the value stand under (none).
{% set dimensions = award_dimensions(
    ['total', 'agency', 'phase', 'award_year', 'state', 'identifier_type', 'match_method']
) %}

with awards as (

    select * from {{ ref('enriched_sbir_awards') }}

),

labelled as (

    {{ by_dimension('awards', dimensions) }}

),

final as (

    select
        dimension,
        dimension_value,
        count(*) as awards,
        count(case when _usaspending_match_status = 'matched' then 1 end) as matched_awards,
        count(case when usaspending_recipient_uei is not null or usaspending_recipient_duns is not null then 1 end)
            as matched_with_identifier_awards,
        count(case when _usaspending_match_status = 'ambiguous' then 1 end) as ambiguous_awards,
        count(case when _usaspending_match_status = 'review' then 1 end) as review_awards,
        count(case when _usaspending_match_status = 'unmatched' then 1 end) as unmatched_awards,
        round(cast(count(case when _usaspending_match_status = 'matched' then 1 end) as double) / count(*), 6) as match_rate,
        round(cast(count(
            case when usaspending_recipient_uei is not null or usaspending_recipient_duns is not null then 1 end
        ) as double) / count(*), 6) as match_rate_with_identifier,
        sum(award_amount) as award_amount,
        sum(case when _usaspending_match_status = 'matched' then award_amount end) as matched_award_amount
    from labelled
    group by dimension, dimension_value

)

select * from final

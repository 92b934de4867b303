-- Purpose: precision and recall of the name rules, by everything people ask for, with Wilson bounds: the firms whose recipient
-- was listed and those from whom it was withheld count alike for precision, the listed ones alone for recall.
-- Grain: one row per dimension and value.
{% set dimensions = {
    'total': "'all firms'",
    'half': 'subject_kind',
    'match_method': 'match_method',
    'agency': 'agency',
    'last_award_year': 'cast(last_award_year as varchar)',
    'phase': 'phase',
    'state': 'state',
    'name_length': "case when length(normalized_name) <= 8 then '8 letters or less' when length(normalized_name) <= 16 then '9 to 16' "
        ~ "when length(normalized_name) <= 26 then '17 to 26' else 'more than 26' end",
} %}

with outcomes as (

    select * from {{ ref('evaluation_outcomes') }}

),

labelled as (

    {{ by_dimension('outcomes', dimensions) }}

),

counted as (

    select
        dimension,
        dimension_value,
        count(*) as firms,
        count(case when subject_kind = 'evaluation-listed' then 1 end) as listed_firms,
        count(case when outcome = 'right' then 1 end) as right_links,
        count(case when outcome = 'same name' then 1 end) as same_name_links,
        count(case when outcome = 'same name' and subject_kind = 'evaluation-listed' then 1 end) as listed_same_name_links,
        count(case when outcome = 'wrong' then 1 end) as wrong_links,
        count(case when outcome = 'missed' then 1 end) as missed
    from labelled
    group by dimension, dimension_value

),

final as (

    select
        dimension,
        dimension_value,
        firms,
        listed_firms,
        right_links,
        same_name_links,
        wrong_links,
        missed,
        case when right_links + wrong_links > 0 then round(cast(right_links as double) / (right_links + wrong_links), 6) end
            as precision,
        {{ wilson_bound('right_links', '(right_links + wrong_links)', -1) }} as precision_lower,
        {{ wilson_bound('right_links', '(right_links + wrong_links)', 1) }} as precision_upper,
        case when listed_firms > 0 then round(cast(right_links + listed_same_name_links as double) / listed_firms, 6) end
            as recall,
        {{ wilson_bound('(right_links + listed_same_name_links)', 'listed_firms', -1) }} as recall_lower,
        {{ wilson_bound('(right_links + listed_same_name_links)', 'listed_firms', 1) }} as recall_upper,
        case
            when right_links + same_name_links + wrong_links > 0
                then round(cast(same_name_links as double) / (right_links + same_name_links + wrong_links), 6)
        end as same_name_share
    from counted

)

select * from final

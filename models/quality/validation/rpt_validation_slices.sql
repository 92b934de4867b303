-- Purpose: whether the links are as good in every part of the awards as in the whole: match rate, precision of the name rules
-- and completeness by phase, size of the firm, identifiers, agency, time and state, worst first. A report, no gate: built
-- whatever the gates say.
-- Grain: one row per dimension and value; awards without the value stand under (none).
{% set dimensions = award_dimensions(
    ['total', 'phase', 'firm_size', 'identifier_type', 'agency', 'year_band', 'award_year', 'state']
) %}
{% set least_rate = threshold('min_slice_match_rate') %}
{% set least_precision = threshold('min_precision') %}
{#- What lies between the limit and all; never zero, since it divides. -#}
{% set room_for_rate = [1 - least_rate, 0.000001] | max %}
{% set room_for_precision = [1 - least_precision, 0.000001] | max %}
with awards as (

    select * from {{ ref('enriched_sbir_awards') }}

),

outcomes as (

    select * from {{ ref('evaluation_outcomes') }}

),

labelled as (

    {{ by_dimension('awards', dimensions) }}

),

counted as (

    select
        dimension,
        dimension_value,
        count(*) as awards,
        count(case when _usaspending_match_status = 'matched' then 1 end) as matched_awards,
        count(case
            when
                _usaspending_match_status = 'matched'
                and _usaspending_match_method is not null and _usaspending_match_score is not null
                and usaspending_recipient_name is not null and usaspending_recipient_hash is not null
                then 1
        end) as complete_awards,
        sum(award_amount) as award_amount
    from labelled
    group by dimension, dimension_value

),

-- A firm stands in every slice in which it has an award.
firms as (

    select distinct
        dimension,
        dimension_value,
        firm_key
    from labelled

),

evaluated as (

    select
        firms.dimension,
        firms.dimension_value,
        count(*) as evaluated_firms,
        count(case when outcomes.outcome = 'right' then 1 end) as right_links,
        count(case when outcomes.outcome = 'wrong' then 1 end) as wrong_links
    from firms
    inner join outcomes
        on firms.firm_key = outcomes.firm_key
    group by firms.dimension, firms.dimension_value

),

joined as (

    select
        counted.*,
        coalesce(evaluated.evaluated_firms, 0) as evaluated_firms,
        coalesce(evaluated.right_links, 0) as right_links,
        coalesce(evaluated.wrong_links, 0) as wrong_links,
        coalesce(evaluated.right_links + evaluated.wrong_links, 0) as judged_firms,
        counted.matched_awards - counted.complete_awards as incomplete_awards
    from counted
    left join evaluated
        on counted.dimension = evaluated.dimension and counted.dimension_value = evaluated.dimension_value

),

measured as (

    select
        *,
        round(cast(matched_awards as double) / awards, 6) as match_rate,
        case when judged_firms > 0 then round(cast(right_links as double) / judged_firms, 6) end as precision,
        {{ wilson_bound('right_links', 'judged_firms', -1) }} as precision_lower,
        {{ wilson_bound('right_links', 'judged_firms', 1) }} as precision_upper,
        case when matched_awards > 0 then round(cast(complete_awards as double) / matched_awards, 6) end as completeness,
        awards >= {{ threshold('min_slice_share') }} * (select count(*) from awards) as is_judged,
        -- As the gate is: judged by the same bound, from the same number of firms on.
        evaluated_firms >= {{ threshold('min_evaluation_firms') }} and judged_firms > 0 as is_precision_judged
    from joined

),

judged as (

    select
        *,
        is_judged and match_rate < {{ least_rate }} as is_rarely_matched,
        is_judged and is_precision_judged and precision_lower < {{ least_precision }} as is_imprecise,
        is_judged and incomplete_awards > 0 as is_incomplete
    from measured

),

worded as (

    select
        *,
        nullif(
            concat_ws(
                '; ',
                case
                    when is_rarely_matched
                        then
                            'matched ' || {{ with_thousands('matched_awards') }} || ' of ' || {{ with_thousands('awards') }}
                            || ' awards = ' || cast(round(100 * match_rate, 2) as varchar)
                            || ' %, at least {{ (100 * least_rate) | round(2) }} % is needed'
                end,
                case
                    when is_imprecise
                        then
                            'name rules right for ' || {{ with_thousands('right_links') }} || ' of '
                            || {{ with_thousands('judged_firms') }} || ' firms, lower bound '
                            || cast(round(100 * precision_lower, 2) as varchar)
                            || ' %, at least {{ (100 * least_precision) | round(2) }} % is needed'
                end,
                case
                    when is_incomplete
                        then
                            {{ with_thousands('incomplete_awards') }}
                            || ' matched awards lack method, score, name or hash, 0 allowed'
                end
            ),
            ''
        ) as failure
    from judged

),

final as (

    select
        row_number() over (
            order by
                failure is null, not is_judged,
                least(
                    (match_rate - {{ least_rate }}) / {{ room_for_rate }},
                    case when is_precision_judged then (precision_lower - {{ least_precision }}) / {{ room_for_precision }} end
                ),
                awards desc, dimension, dimension_value
        ) as slice_rank,
        dimension,
        dimension_value,
        awards,
        matched_awards,
        match_rate,
        evaluated_firms,
        right_links,
        wrong_links,
        precision,
        precision_lower,
        precision_upper,
        complete_awards,
        completeness,
        award_amount,
        is_precision_judged,
        case
            when not is_judged then 'not judged'
            when failure is not null then 'failed'
            else 'passed'
        end as verdict,
        case
            when not is_judged then 'not judged: less than {{ (100 * threshold("min_slice_share")) | round(2) }} % of all awards'
            when failure is not null then failure
            when evaluated_firms < {{ threshold('min_evaluation_firms') }}
                then
                    'precision not judged: ' || {{ with_thousands('evaluated_firms') }} || ' firms have a known recipient, '
                    || '{{ threshold("min_evaluation_firms") }} are needed'
            when judged_firms = 0 then 'precision not judged: the name rules link none of the firms whose recipient is known'
        end as message
    from worded

)

select * from final

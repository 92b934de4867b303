{#-
  The CTEs of the gate `continuity`: compares what is loaded with what the published version was made of, by kind of input and whatever
  the files are called. Reads the CTEs `shares` and `gates` of `gate_checks`; the last CTE, `losses`, is one row.
-#}
{% macro continuity(relation) -%}
    {%- set allowed = {
        'records': threshold('max_record_drop'),
        'identifiers': threshold('max_identifier_drop'),
        'match rate': threshold('max_match_rate_drop'),
    } -%}
    published as (
        select * from {{ relation('last_publication') }}
    ),

    falls as (
        select
            'records' as measure,
            published.input,
            1 - cast(inputs.records as double) / published.records as fall,
            replace(published.input, '_', ' ') || ': ' || {{ with_thousands('inputs.records') }} || ' records, '
            || {{ with_thousands('published.records') }} || ' published' as description,
            'select * from observability.loads order by loaded_at desc' as culprits
        from published
        inner join {{ relation('input_measures') }} as inputs
            on published.input = inputs.input

        union all

        select
            'identifiers' as measure,
            published.input,
            published.identifier_share - inputs.identifier_share as fall,
            replace(published.input, '_', ' ') || ': ' || cast(round(100 * inputs.identifier_share, 2) as varchar)
            || ' % with a usable UEI or DUNS, ' || cast(round(100 * published.identifier_share, 2) as varchar) || ' % published' as description,
            'select * from observability.unusable_values' as culprits
        from published
        inner join {{ relation('input_measures') }} as inputs
            on published.input = inputs.input
        -- An input that is gone has no share; its records tell.
        where inputs.records > 0

        union all

        select
            'match rate' as measure,
            published.input,
            published.match_rate - shares.match_rate as fall,
            'match rate ' || cast(round(100 * shares.match_rate, 2) as varchar) || ' %, '
            || cast(round(100 * published.match_rate, 2) as varchar) || ' % published' as description,
            'select * from quality.rpt_link_changes order by award_amount desc' as culprits
        from published
        cross join shares
        where published.input = 'awards'

        union all

        select
            'gate' as measure,
            published.input,
            cast(null as double) as fall,
            'gate ' || gates.gate || ' was judged then and is ' || gates.message as description,
            'select * from quality.gate_results' as culprits
        from published
        cross join gates
        where
            published.input = 'awards'
            and gates.verdict = 'not judged'
            and ', ' || published.judged_gates || ', ' like '%, ' || gates.gate || ', %'
    ),

    excesses as (
        select
            falls.*,
            case measure
                {%- for measure, fall in allowed.items() %}
                when '{{ measure }}' then cast({{ fall }} as double)
                {%- endfor %}
            end as allowed_fall,
            case measure
                {%- for measure, fall in allowed.items() %}
                when '{{ measure }}' then round(fall - {{ fall }}, 9)
                {%- endfor %}
                -- A gate that cannot be judged any more fails, but a fall that can be measured says more.
                else 0.000001
            end as excess
        from falls
    ),

    ranked as (
        select
            excesses.*,
            row_number() over (order by excess desc, measure, input) as place
        from excesses
    ),

    losses as (
        select
            count(*) as measures,
            count(case when excess > 0 then 1 end) as failures,
            max(case when place = 1 then fall end) as fall,
            max(case when place = 1 then allowed_fall end) as allowed_fall,
            max(case when place = 1 then culprits end) as culprits,
            string_agg(description, '; ' order by place) as descriptions,
            string_agg(
                case
                    when excess > 0 and fall is null then description
                    when excess > 0
                        then
                            description || ', a fall of ' || cast(round(100 * fall, 2) as varchar)
                            || case when measure = 'records' then ' %' else ' points' end
                            || ', more than ' || cast(round(100 * allowed_fall, 2) as varchar)
                end,
                '; ' order by place
            ) as failed_descriptions,
            (select cast(max(published_at) as varchar) from published) as published_at
        from ranked
    )
{%- endmacro %}

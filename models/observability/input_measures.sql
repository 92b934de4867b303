-- Purpose: how much is loaded, how much of it has usable identifiers and how much is repeated; the continuity gate of a later
-- build compares with it.
-- Grain: one row per kind of input, loaded or not.
with awards as (

    select * from {{ ref('stg_sbir__awards') }}

),

recipients as (

    select * from {{ ref('stg_usaspending__recipients') }}

),

prime_awards as (

    select * from {{ ref('stg_usaspending__prime_awards') }}

),

samples as (

    select
        input,
        max(case when is_sample then 1 else 0 end) = 1 as is_sample
    from {{ ref('loads') }}
    where is_current
    group by input

),

counted as (

    {% for kind in ['awards', 'recipients', 'prime_awards'] -%}
    select
        '{{ kind }}' as input,  -- noqa: RF04
        count(*) as records,
        count(coalesce(uei, duns)) as identified_records,
        {{ "count(case when is_duplicate then 1 end)" if kind == 'awards' else 'cast(0 as bigint)' }} as repeated_records
    from {{ kind }}
    {%- if not loop.last %}
    union all
    {% endif -%}
    {% endfor %}

),

final as (

    select
        counted.input,
        cast(counted.records as bigint) as records,
        cast(counted.identified_records as bigint) as identified_records,
        case when counted.records > 0 then cast(counted.identified_records as double) / counted.records end as identifier_share,
        cast(counted.repeated_records as bigint) as repeated_records,
        coalesce(samples.is_sample, false) as is_sample
    from counted
    left join samples
        on counted.input = samples.input

)

select * from final

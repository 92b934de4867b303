-- Purpose: what the version that was published when this build began was made of: what the continuity gate compares with.
-- Grain: one row per kind of input that was loaded; none where nothing is published, or real data replaces a published sample.
{% set published_rows = published_inputs() %}

with current_inputs as (

    select * from {{ ref('input_measures') }}

),

real_inputs as (

    select count(*) as inputs
    from current_inputs
    where records > 0 and not is_sample

),

published as (

    {% for row in published_rows -%}
    select
        '{{ row["input"] | replace("'", "''") }}' as input,  -- noqa: RF04
        cast('{{ row["published_at"] }}' as timestamp) as published_at,
        cast({{ row["records"] }} as bigint) as records,
        cast({{ row["identifier_share"] }} as double) as identifier_share,
        cast({{ row["match_rate"] }} as double) as match_rate,
        '{{ row["judged_gates"] | replace("'", "''") }}' as judged_gates,
        cast('{{ row["is_sample"] }}' as boolean) as is_sample
    union all
    {% endfor -%}
    select
        cast(null as varchar) as input,  -- noqa: RF04
        cast(null as timestamp) as published_at,
        cast(null as bigint) as records,
        cast(null as double) as identifier_share,
        cast(null as double) as match_rate,
        cast(null as varchar) as judged_gates,
        cast(null as boolean) as is_sample

),

final as (

    select
        published.input,
        published.published_at,
        published.records,
        published.identifier_share,
        published.match_rate,
        published.judged_gates
    from published
    cross join real_inputs
    where published.input is not null and (not published.is_sample or real_inputs.inputs = 0)

)

select * from final

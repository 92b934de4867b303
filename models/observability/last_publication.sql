-- Purpose: the run that the published file held when this build began, where it came from files of the same names and like size:
-- what the drift gate compares with.
-- Grain: one row, none where nothing comparable is published.
{% set run = published_run() %}

with current_sources as (

    select
        string_agg(source, ', ' order by input) as sources,
        max(case when input = 'awards' then rows_loaded end) as awards
    from {{ ref('loads') }}
    where is_current

),

published as (

    {% if run is none or 'sources' not in run.keys() -%}
    select
        cast(null as timestamp) as published_at,
        cast(null as varchar) as sources,
        cast(null as bigint) as awards,
        cast(null as double) as match_rate
    {%- else -%}
    select
        cast('{{ run["published_at"] }}' as timestamp) as published_at,
        '{{ run["sources"].replace("'", "''") }}' as sources,
        cast({{ run["awards"] }} as bigint) as awards,
        cast({{ run["match_rate"] }} as double) as match_rate
    {%- endif %}

),

final as (

    select published.*
    from published
    inner join current_sources
        on published.sources = current_sources.sources
    where published.awards between current_sources.awards / 2 and current_sources.awards * 2

)

select * from final

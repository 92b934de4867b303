-- What a run is judged by: a row per measure and subject, for the rules of seeds/alert_rules.csv.
-- Parameters: run_id, and as JSON loads, the rows of raw.load_history of what is loaded, and, where the run made them, values and
-- inputs, the rows of observability.unusable_values and observability.input_measures.
-- value: what it came to. counted: how many records, links or runs stand behind it.
with this_run as (

    select * from observability.runs
    where run_id = $run_id

),

-- Like enough to be compared with: the same command on the same files by name, like in size and in what was made anew.
alike as (

    select
        runs.*,
        row_number() over (order by runs.started_at desc) as age
    from observability.runs
    inner join this_run
        on runs.run_id <> this_run.run_id
        and runs.started_at < this_run.started_at
        and runs.command = this_run.command
        and runs.sources = this_run.sources
        and runs.memory_limit_mb = this_run.memory_limit_mb
        and runs.awards between this_run.awards * 0.8 and this_run.awards * 1.25
        and runs.models_built between this_run.models_built * 0.8 and this_run.models_built * 1.25
    where runs.status = 'success'

),

last_published as (

    select runs.run_id
    from observability.runs
    inner join this_run
        on runs.run_id <> this_run.run_id
        and runs.started_at < this_run.started_at
        -- Whatever the files are called. Real data that replaces the sample is another matter.
        and coalesce(runs.is_sample, false) <= coalesce(this_run.is_sample, false)
    where runs.published_version is not null
    order by runs.started_at desc
    limit 1

),

slices as (

    select
        last_slices.dimension || ': ' || last_slices.dimension_value as subject,
        coalesce(slices.awards, 0) as awards,
        slices.match_rate,
        last_slices.awards as last_awards,
        last_slices.match_rate as last_match_rate
    from observability.match_breakdowns as last_slices
    inner join last_published
        on last_slices.run_id = last_published.run_id
    left join observability.match_breakdowns as slices
        on slices.run_id = $run_id
        and last_slices.dimension = slices.dimension
        and last_slices.dimension_value = slices.dimension_value
    where
        exists (select 1 from observability.match_breakdowns where run_id = $run_id)
        and last_slices.awards >= 0.01 * (select awards from this_run)

),

loads as (

    select
        input,
        sum(records_read) as records,
        sum(rows_quarantined) as quarantined,
        bool_or(is_sample) as is_sample,
        max(loaded_at) as loaded_at
    from (
        select
            unnest(
                from_json(
                    cast($loads as json),
                    '[{"input": "varchar", "records_read": "bigint", "rows_quarantined": "bigint", "is_sample": "boolean", "loaded_at": "timestamp"}]'
                ),
                max_depth := 2
            )
    )
    group by input

)

select
    gate || '_margin' as measure,
    'all awards' as subject,
    -- In percentage points.
    round(100 * (value - threshold), 6) as value,
    counted_of as counted
from observability.gates
where run_id = $run_id and gate in ('match_rate', 'precision')
union all
select
    'completeness',
    'matched awards',
    counted / counted_of,
    counted_of
from observability.gates
where run_id = $run_id and gate = 'completeness' and counted_of > 0
union all
select
    'seconds_per_record',
    'dbt',
    dbt_seconds / awards,
    awards
from this_run
where awards > 0
union all
select
    'memory_share',
    'peak memory',
    performance_peak_memory_mb / memory_limit_mb,
    1
from this_run
union all
select
    'memory_growth',
    'peak memory',
    this_run.performance_peak_memory_mb / max(alike.performance_peak_memory_mb),
    count(*)
from alike
cross join this_run
where
    alike.age <= 10
    -- Below, it is dbt's own memory that varies, by what it parses.
    and this_run.performance_peak_memory_mb >= 512
group by this_run.performance_peak_memory_mb
union all
select
    'quarantine_share',
    input,
    quarantined / records,
    records
from loads
where records > 0
union all
select
    'unusable_share',
    input || '.' || "column",
    1 - usable / given,
    given
from (
    select
        unnest(
            from_json(
                cast($values as json),
                '[{"input": "varchar", "column": "varchar", "given": "bigint", "usable": "bigint"}]'
            ),
            max_depth := 2
        )
) as column_values
where given > 0
union all
select
    'repeated_share',
    input,
    repeated_records / records,
    records
from (
    select
        unnest(
            from_json(
                cast($inputs as json), '[{"input": "varchar", "records": "bigint", "repeated_records": "bigint"}]'
            ),
            max_depth := 2
        )
) as inputs
where records > 0
union all
select
    'input_age',
    input,
    date_diff('day', loaded_at, localtimestamp),
    records
from loads
where not is_sample
union all
select
    'match_rate_change',
    subject,
    abs(match_rate - last_match_rate),
    awards
from slices
where match_rate is not null
union all
select
    'awards_lost',
    subject,
    1 - awards / last_awards,
    last_awards
from slices
union all
select
    'failure',
    command || ' (' || status || coalesce(': gate ' || (
        select string_agg(gate, ', ' order by gate) from observability.gates
        where run_id = $run_id and verdict = 'failed'
    ), '') || ')',
    1,
    1
from this_run
-- Who runs dbt by hand has seen it fail.
where status in ('failed', 'error') and command = 'make build'

{#-
  The one definition of the gates, as a query over the tables as they stand: one row per gate with gate, verdict (`passed`, `failed` or
  `not judged`), value (what is judged; null where it is not), threshold, counted and counted_of (the counts behind it) and message (the
  numbers in plain words). A missing required column counts as null throughout. Used by the view `gate_checks` (and so by `gate_results`),
  by the lock `assert_gates_hold`, by the gate tests, which publishing asks, and by `report_gates`. The last two give `standing_relation`
  for `ref` and `source`.
-#}
{% macro gate_checks(relation=ref, raw_relation=source) -%}
    {%- set enriched = relation('enriched_sbir_awards') -%}
    {%- set columns = adapter.get_columns_in_relation(enriched) | map(attribute='name') | list if execute else [] -%}
    {%- set required = ['_usaspending_match_method', '_usaspending_match_score', 'usaspending_recipient_name'] -%}
    {%- set named = required + ['usaspending_recipient_hash'] -%}
    {#- Why a change is intended: lets continuity pass for the command that is given the reason. -#}
    {%- set reason = env_var('SBIR_ACCEPT_CHANGE', '') | trim | replace("'", "''") -%}
    with awards as (
        select
            award_key,
            _usaspending_match_status = 'matched' as is_matched,
            _usaspending_match_method as match_method,
            {%- for column in named %}
            {{ column if column in columns else 'null' }} is null as lacks_{{ loop.index }}{{ ',' if not loop.last }}
            {%- endfor %}
        from {{ enriched }}
    ),

    counts as (
        select
            count(*) as awards,
            count(distinct award_key) as award_keys,
            coalesce(sum(case when awards.is_matched then 1 else 0 end), 0) as matched,
            coalesce(sum(case when awards.is_matched and match_methods.tier = 'exact' then 1 else 0 end), 0) as exact,
            coalesce(sum(case when awards.is_matched and match_methods.tier = 'fuzzy' then 1 else 0 end), 0) as fuzzy,
            coalesce(sum(case
                when awards.is_matched and (awards.lacks_1 or awards.lacks_2 or awards.lacks_3 or awards.lacks_4) then 1 else 0
            end), 0) as incomplete,
            {%- for column in required %}
            coalesce(avg(case when awards.lacks_{{ loop.index }} then 1.0 else 0.0 end), 1.0) as null_share_{{ loop.index }},
            {%- endfor %}
            (select count(*) from {{ relation('stg_sbir__awards') }}) as staged,
            (select count(*) from {{ raw_relation('raw', 'awards') }}) as loaded,
            (
                select coalesce(sum(records_read - rows_quarantined - rows_filtered), 0)
                from {{ raw_relation('raw', 'load_history') }}
                where input = 'awards' and is_current
            ) as accounted
        from awards
        left join {{ relation('match_methods') }} as match_methods
            on awards.match_method = match_methods.match_method
    ),

    shares as (
        select
            counts.*,
            case when awards > 0 then cast(matched as double) / awards else 0.0 end as match_rate,
            greatest(null_share_1, null_share_2, null_share_3) as null_share,
            greatest(cast(ceil({{ threshold('min_match_rate') }} * awards) as bigint) - matched, 0) as missing_matches
        from counts
    ),

    picks as (
        select
            count(*) as firms,
            count(case when outcome in ('right', 'wrong') then 1 end) as judged,
            count(case when outcome = 'right' then 1 end) as right_links
        from {{ relation('evaluation_outcomes') }}
    ),

    precisions as (
        select
            picks.*,
            firms >= {{ threshold('min_evaluation_firms') }} and judged > 0 as is_judged,
            {{ wilson_bound('right_links', 'judged', -1) }} as lower_bound
        from picks
    ),

    gates as (
        select
            'match_rate' as gate,
            case when awards > 0 and missing_matches = 0 then 'passed' else 'failed' end as verdict,
            match_rate as value,
            cast({{ threshold('min_match_rate') }} as double) as threshold,
            cast(matched as bigint) as counted,
            cast(awards as bigint) as counted_of,
            'matched ' || {{ with_thousands('matched') }} || ' of ' || {{ with_thousands('awards') }} || ' awards = '
            || cast(round(100 * match_rate, 2) as varchar) || ' % (exact ' || {{ with_thousands('exact') }} || ', fuzzy '
            || {{ with_thousands('fuzzy') }} || '); at least {{ (100 * threshold("min_match_rate")) | round(2) }} % is needed'
            || case when missing_matches > 0 then ': ' || {{ with_thousands('missing_matches') }} || ' awards short' else '' end
                as message,
            'select * from quality.rpt_unmatched order by awards desc' as culprits
        from shares

        union all

        select
            'completeness' as gate,
            case when null_share < {{ threshold('max_null_share') }} and incomplete = 0 then 'passed' else 'failed' end as verdict,
            null_share as value,
            cast({{ threshold('max_null_share') }} as double) as threshold,
            cast(matched - incomplete as bigint) as counted,
            cast(matched as bigint) as counted_of,
            'largest null share of a required column '
            || cast(round(100 * null_share, 2) as varchar) || ' % ('
            {%- for column in required %}
            || '{{ column }} ' || {% if not execute or column in columns -%}
                cast(round(100 * null_share_{{ loop.index }}, 2) as varchar) || ' %' {%- else %}'missing'{% endif %} || '{{ '' if loop.last else ', ' }}'
            {%- endfor %}
            || '), below {{ (100 * threshold("max_null_share")) | round(2) }} % is needed; matched awards without method, score, '
            || 'name or hash: ' || {{ with_thousands('incomplete') }} || ', 0 allowed' as message,
            {%- if execute and named | reject('in', columns) | list %}
            'describe enrichment.enriched_sbir_awards' as culprits
            {%- else %}
            'select * from enrichment.enriched_sbir_awards where ' || case
                when incomplete > 0 then '_usaspending_match_status = ''matched'' and ({{ named | join(' is null or ') }} is null)'
                else '{{ required | join(' is null or ') }} is null'
            end as culprits
            {%- endif %}
        from shares

        union all

        select
            'grain' as gate,
            case
                when awards = staged and awards = loaded and awards = accounted and awards = award_keys then 'passed' else 'failed'
            end as verdict,
            cast(awards as double) as value,
            cast(accounted as double) as threshold,
            cast(award_keys as bigint) as counted,
            cast(accounted as bigint) as counted_of,
            {{ with_thousands('awards') }} || ' enriched rows and ' || {{ with_thousands('award_keys') }} || ' award keys for '
            || {{ with_thousands('staged') }} || ' staged, ' || {{ with_thousands('loaded') }} || ' loaded and '
            || {{ with_thousands('accounted') }} || ' accounted records (read less quarantined and filtered): all must be equal' as message,
            'select award_key, count(enriched.award_key) as enriched_rows from staging.stg_sbir__awards as staged '
            || 'full join enrichment.enriched_sbir_awards as enriched using (award_key) group by award_key having enriched_rows <> 1' as culprits
        from shares

        union all

        select
            'precision' as gate,
            case
                when not is_judged then 'not judged'
                when lower_bound >= {{ threshold('min_precision') }} then 'passed'
                else 'failed'
            end as verdict,
            case when is_judged then lower_bound end as value,
            cast({{ threshold('min_precision') }} as double) as threshold,
            cast(case when is_judged then right_links end as bigint) as counted,
            cast(case when is_judged then judged end as bigint) as counted_of,
            case
                when firms < {{ threshold('min_evaluation_firms') }}
                    then
                        'not judged: ' || {{ with_thousands('firms') }} || ' firms have a known recipient, '
                        || '{{ threshold("min_evaluation_firms") }} are needed'
                when judged = 0 then 'not judged: the name rules link none of the firms whose recipient is known'
                else
                    'name rules right for ' || {{ with_thousands('right_links') }} || ' of ' || {{ with_thousands('judged') }}
                    || ' firms whose recipient is known, lower bound ' || cast(round(100 * lower_bound, 2) as varchar)
                    || ' %; at least {{ (100 * threshold("min_precision")) | round(2) }} % is needed'
            end as message,
            -- Where none is wrong, too few are judged to be sure: the firms that were missed would be more.
            'select * from quality.evaluation_outcomes where outcome = '''
            || case when right_links < judged then 'wrong' else 'missed' end || '''' as culprits
        from precisions
    ),

    {{ continuity(relation) }}

    select * from gates

    union all

    select
        'continuity' as gate,
        case
            when measures = 0 then 'not judged'
            when failures > 0{{ ' and false' if reason }} then 'failed'
            else 'passed'
        end as verdict,
        round(fall, 6) as value,
        coalesce(allowed_fall, {{ threshold('max_record_drop') }}) as threshold,
        cast(null as bigint) as counted,
        cast(null as bigint) as counted_of,
        case
            when measures = 0 then 'not judged: nothing is published to compare with'
            when failures > 0
                then
                    'against the version published at ' || published_at || ': ' || failed_descriptions || '; '
                    || {% if reason %}'accepted: {{ reason }}'{% else %}'if this is intended, build again with --accept-change REASON'{% endif %}
            else 'against the version published at ' || published_at || ': ' || descriptions
        end as message,
        coalesce(culprits, 'select * from observability.loads order by loaded_at desc') as culprits
    from losses
{%- endmacro %}

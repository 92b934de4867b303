-- Purpose: what blocking costs and keeps, by key: pairs per firm name, and the share of true links, of those that need the
-- fuzzy tier, that survive.
-- Grain: one row per kind of key, and one for all together.
{% set kinds = blocking_key_kinds() %}

with pairs as (

    select * from {{ ref('int_fuzzy_candidate_pairs') }}

),

firm_names as (

    select count(distinct normalized_name) as firm_names from {{ ref('int_fuzzy_subjects') }}

),

true_links as (

    select
        fuzzy_subjects.subject_key
        {%- for kind in kinds %},
        coalesce(max(pairs.by_{{ kind }}), false) as by_{{ kind }}
        {%- endfor %},
        max(pairs.firm_name is not null) as by_any
    from {{ ref('int_fuzzy_subjects') }} as fuzzy_subjects
    inner join {{ ref('int_subjects') }} as subjects
        on fuzzy_subjects.subject_key = subjects.subject_key and subjects.subject_kind = 'evaluation-listed'
    inner join {{ ref('int_recipient_names') }} as recipient_names
        on subjects.true_recipient_hash = recipient_names.recipient_hash
    left join pairs
        on fuzzy_subjects.normalized_name = pairs.firm_name and recipient_names.normalized_name = pairs.recipient_name
    group by fuzzy_subjects.subject_key

),

{% for kind in kinds + ['any'] -%}
by_{{ kind }} as (

    select
        '{{ kind }}' as blocking_key,
        (
            select count(*) from pairs
            {{ '' if kind == 'any' else 'where by_' ~ kind }}
        ) as pairs,
        (select count(*) from true_links) as true_links,
        (
            select count(*) from true_links
            where by_{{ kind }}
        ) as surviving_links

),

{% endfor -%}
labelled as (

    {% for kind in kinds + ['any'] -%}
    select * from by_{{ kind }}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

final as (

    select
        labelled.blocking_key,
        labelled.pairs,
        case when firm_names.firm_names > 0 then round(cast(labelled.pairs as double) / firm_names.firm_names, 2) end
            as pairs_per_firm_name,
        labelled.true_links,
        labelled.surviving_links,
        case when labelled.true_links > 0 then round(cast(labelled.surviving_links as double) / labelled.true_links, 6) end
            as surviving_share
    from labelled
    cross join firm_names

)

select * from final

-- Purpose: the recipients that a subject without exact link may be, with the evidence for and against, in hundredths of a
-- point: the likeness of the names, the place, and whether the shared words and the place tell enough to know one firm from
-- all others.
-- Grain: one row per subject and recipient; rank 1 is the best.
with subjects as (

    select * from {{ ref('int_fuzzy_subjects') }}

),

name_scores as (

    select * from {{ ref('int_fuzzy_name_scores') }}
    where name_score >= {{ threshold('min_shown_score') }} - {{ best_place('place_points') }}

),

recipient_names as (

    select * from {{ ref('int_recipient_names') }}

),

recipients as (

    select * from {{ ref('int_recipients') }}

),

paired as (

    select
        subjects.subject_key,
        subjects.subject_kind,
        subjects.firm_key,
        subjects.normalized_name,
        subjects.is_own_name,
        subjects.state,
        recipient_names.recipient_hash,
        recipients.recipient_group,
        recipient_names.normalized_name as recipient_normalized_name,
        recipient_names.recipient_name,
        recipient_names.name_kind,
        recipients.has_identifier,
        recipients.state as recipient_state,
        recipients.is_abroad,
        recipients.zip5 as recipient_zip5,
        recipients.city as recipient_city,
        {{ comparable_city('recipients.city') }} as comparable_city,
        name_scores.name_relation,
        name_scores.only_in_firm_name,
        name_scores.only_in_recipient_name,
        name_scores.shared_weight,
        name_scores.form_cost,
        name_scores.extra_word_cost,
        name_scores.typo_cost,
        name_scores.name_score
    from subjects
    inner join name_scores
        on subjects.normalized_name = name_scores.firm_name
    inner join recipient_names
        on name_scores.recipient_name = recipient_names.normalized_name
    inner join recipients
        on recipient_names.recipient_hash = recipients.recipient_hash
    left join {{ ref('int_refused_pairs') }} as refused_pairs
        on subjects.subject_key = refused_pairs.subject_key and recipient_names.recipient_hash = refused_pairs.recipient_hash
    where refused_pairs.subject_key is null

),

same_zips as (

    select distinct
        paired.subject_key,
        paired.recipient_hash
    from paired
    inner join {{ ref('int_firm_places') }} as firm_places
        on paired.firm_key = firm_places.firm_key and paired.recipient_zip5 = firm_places.zip5
    where not paired.is_abroad

),

same_cities as (

    select distinct
        paired.subject_key,
        paired.recipient_hash
    from paired
    inner join {{ ref('int_firm_places') }} as firm_places
        on paired.firm_key = firm_places.firm_key and paired.comparable_city = firm_places.city
    where not paired.is_abroad and coalesce(paired.recipient_state = paired.state, true)

),

placed as (

    select
        paired.*,
        case
            when same_zips.subject_key is not null then 'zip'
            when same_cities.subject_key is not null then 'city'
            when paired.recipient_state = paired.state then 'state'
            when paired.recipient_state <> paired.state then 'other state'
            when paired.is_abroad then 'abroad'
            when paired.recipient_state is not null then 'company unplaced'
            else 'recipient unplaced'
        end as place
    from paired
    left join same_zips
        on paired.subject_key = same_zips.subject_key and paired.recipient_hash = same_zips.recipient_hash
    left join same_cities
        on paired.subject_key = same_cities.subject_key and paired.recipient_hash = same_cities.recipient_hash

),

weighed as (

    select
        placed.*,
        {{ by_place('place', 'place_points') }} as place_points,
        cast(round(
            {{ threshold('identification_rate') }}
            * greatest(
                case
                    -- A longer name around the same words is another firm's unless something speaks for it.
                    when placed.name_relation = 'words in front' and placed.place not in ('zip', 'city', 'state')
                        then {{ threshold('identifying_unplaced_weight') }}
                    when not placed.is_own_name or placed.name_kind in ('further', 'alternate')
                        then {{ threshold('identifying_trade_name_weight') }}
                    when
                        placed.name_relation in ('other order', 'other words', 'words in front')
                        then {{ threshold('identifying_rare_weight') }}
                    when placed.name_relation in ('equal', 'abbreviated') then {{ threshold('identifying_equal_weight') }}
                    else {{ threshold('identifying_weight') }}
                end - placed.shared_weight - {{ by_place('place', 'place_weight') }},
                0
            ) / 10000.0
        ) as integer) as identification_cost,
        case when placed.name_kind = 'parent' then {{ threshold('parent_name_cost') }} else 0 end as parent_name_cost
    from placed

),

scored as (

    select
        *,
        name_score + place_points - identification_cost - parent_name_cost as unbounded_score
    from weighed

),

ranked as (

    select
        *,
        row_number() over (
            partition by subject_key, recipient_hash
            order by unbounded_score desc, recipient_normalized_name asc, normalized_name asc
        ) as name_rank
    from scored

),

final as (

    select
        subject_key,
        subject_kind,
        firm_key,
        normalized_name,
        state,
        recipient_hash,
        recipient_group,
        recipient_normalized_name,
        recipient_name,
        name_kind,
        has_identifier,
        recipient_state,
        recipient_zip5,
        recipient_city,
        name_relation,
        only_in_firm_name,
        only_in_recipient_name,
        shared_weight,
        form_cost,
        extra_word_cost,
        typo_cost,
        name_score,
        place,
        place_points,
        identification_cost,
        parent_name_cost,
        least(unbounded_score, 10000) as candidate_score,
        row_number() over (
            partition by subject_key
            order by unbounded_score desc, has_identifier desc, recipient_hash asc
        ) as candidate_rank
    from ranked
    where name_rank = 1

)

select * from final

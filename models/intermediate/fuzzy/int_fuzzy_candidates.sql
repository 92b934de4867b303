-- Purpose: the recipients that a firm without exact link may be, with the evidence for and against: the likeness of the names,
-- then state and ZIP code.
-- Grain: one row per firm and recipient; rank 1 is the best.
with firms as (

    select * from {{ ref('int_fuzzy_firms') }}

),

name_scores as (

    select * from {{ ref('int_fuzzy_name_scores') }}
    where name_score >= {{ threshold('min_candidate_score') }}

),

recipient_names as (

    select * from {{ ref('int_recipient_names') }}

),

recipients as (

    select * from {{ ref('int_recipients') }}

),

firm_zip_codes as (

    select * from {{ ref('int_firm_zip_codes') }}

),

best_names as (

    select
        firms.firm_key,
        firms.normalized_name,
        firms.state,
        recipient_names.recipient_hash,
        recipient_names.normalized_name as recipient_normalized_name,
        recipient_names.recipient_name,
        name_scores.whole_name_score,
        name_scores.differing_words_score,
        name_scores.is_cut_name,
        name_scores.name_score,
        row_number() over (
            partition by firms.firm_key, recipient_names.recipient_hash
            order by name_scores.name_score desc, recipient_names.normalized_name asc
        ) as name_rank
    from firms
    inner join name_scores
        on firms.normalized_name = name_scores.firm_name
    inner join recipient_names
        on name_scores.recipient_name = recipient_names.normalized_name

),

evidenced as (

    select
        best_names.*,
        recipients.has_identifier,
        case
            when recipients.state = best_names.state then {{ threshold('same_state_points') }}
            when recipients.state <> best_names.state then {{ threshold('other_state_points') }}
            else 0
        end as state_points,
        case when firm_zip_codes.firm_key is not null then {{ threshold('same_zip_points') }} else 0 end as zip_points
    from best_names
    inner join recipients
        on best_names.recipient_hash = recipients.recipient_hash
    left join firm_zip_codes
        on best_names.firm_key = firm_zip_codes.firm_key and recipients.zip5 = firm_zip_codes.zip5
    where best_names.name_rank = 1

),

scored as (

    select
        evidenced.*,
        least(100.0, evidenced.name_score + evidenced.state_points + evidenced.zip_points) as candidate_score
    from evidenced

),

final as (

    select
        firm_key,
        normalized_name,
        state,
        row_number() over (
            partition by firm_key
            order by candidate_score desc, has_identifier desc, recipient_hash asc
        ) as candidate_rank,
        recipient_hash,
        recipient_normalized_name,
        recipient_name,
        has_identifier,
        whole_name_score,
        differing_words_score,
        is_cut_name,
        name_score,
        state_points,
        zip_points,
        candidate_score
    from scored

)

select * from final

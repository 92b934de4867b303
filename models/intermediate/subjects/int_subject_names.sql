-- Purpose: the names under which each subject is looked for, and how much each tells.
-- Grain: one row per subject and normalised name.
with subjects as (

    select * from {{ ref('int_subjects') }}

),

firm_names as (

    select * from {{ ref('int_firm_names') }}

),

wanted_names as (

    select distinct normalized_name from firm_names

),

name_weights as (

    select
        name_words.normalized_name,
        sum(coalesce(word_weights.distinctive_weight, {{ word_weight('name_words.word') }})) as distinctive_weight
    from {{ ref('int_firm_name_words') }} as name_words
    inner join wanted_names
        on name_words.normalized_name = wanted_names.normalized_name
    left join {{ ref('int_word_weights') }} as word_weights
        on name_words.word = word_weights.word
    group by name_words.normalized_name

),

final as (

    select
        subjects.subject_key,
        subjects.subject_kind,
        subjects.firm_key,
        subjects.state,
        firm_names.normalized_name,
        firm_names.is_own_name,
        cast(name_weights.distinctive_weight as integer) as distinctive_weight
    from subjects
    inner join firm_names
        on subjects.firm_key = firm_names.firm_key
    inner join name_weights
        on firm_names.normalized_name = name_weights.normalized_name

)

select * from final

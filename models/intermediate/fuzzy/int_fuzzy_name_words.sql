-- Purpose: the words of the names to be resolved, with what each tells, and whether it is a key under which names meet: rare, and
-- in no more recipient names than a key may have.
-- Grain: one row per name of a fuzzy subject and position.
with names as (

    select distinct normalized_name from {{ ref('int_fuzzy_subjects') }}

),

final as (

    select
        name_words.normalized_name,
        name_words.position,
        name_words.word,
        coalesce(word_weights.weight, {{ word_weight('name_words.word') }}) as weight,
        coalesce(word_weights.is_rare, true) as is_rare,
        coalesce(word_weights.occurrence_count > 0, false) as is_known,
        coalesce(word_weights.is_key, false) as is_key
    from names
    inner join {{ ref('int_firm_name_words') }} as name_words
        on names.normalized_name = name_words.normalized_name
    left join {{ ref('int_word_weights') }} as word_weights
        on name_words.word = word_weights.word

)

select * from final

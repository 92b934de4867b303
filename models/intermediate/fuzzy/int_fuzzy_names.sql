-- Purpose: the blocked names as they are compared, with what their words tell.
-- Grain: one row per blocked name.
with blocked_firm_names as (

    select distinct firm_name as normalized_name from {{ ref('int_fuzzy_candidate_pairs') }}

),

blocked_recipient_names as (

    select distinct recipient_name as normalized_name from {{ ref('int_fuzzy_candidate_pairs') }}

),

-- A name of both has the same words on both sides.
name_words as (

    select firm_words.*
    from {{ ref('int_firm_name_words') }} as firm_words
    inner join blocked_firm_names
        on firm_words.normalized_name = blocked_firm_names.normalized_name

    union distinct

    select recipient_words.*
    from {{ ref('int_recipient_name_words') }} as recipient_words
    inner join blocked_recipient_names
        on recipient_words.normalized_name = blocked_recipient_names.normalized_name

),

unseen_slips as (

    select * from {{ ref('int_fuzzy_similar_words') }}
    where not is_key and similarity > {{ threshold('beginning_similarity') }}

),

similar_words as (

    select firm_word as word from unseen_slips
    union distinct
    select recipient_word as word from unseen_slips

),

split_names as (

    select
        name_words.normalized_name,
        name_words.may_be_cut,
        name_words.position,
        name_words.full_word,
        name_words.word,
        coalesce(word_weights.weight, {{ word_weight('name_words.word') }}) as weight,
        coalesce(word_weights.is_rare, true) as is_rare,
        -- A word that no recipient has, or that is a key, is shared only by names that meet under it.
        coalesce(word_weights.occurrence_count > 0 and not word_weights.is_key, false) as may_be_shared_unseen,
        -- A word that may be taken for one under which the names do not meet costs nothing for certain.
        case
            when similar_words.word is not null then 0
            else coalesce(word_weights.extra_weight, {{ word_weight('name_words.word') }})
        end as certain_extra_weight
    from name_words
    left join {{ ref('int_word_weights') }} as word_weights
        on name_words.word = word_weights.word
    left join similar_words
        on name_words.word = similar_words.word

),

joined as (

    select
        normalized_name,
        max(may_be_cut) as may_be_cut,
        string_agg(full_word, '' order by position) as full_letters,
        string_agg(word, ' ' order by position) as compared_name,
        count(*) as word_count,
        cast(sum(weight) as integer) as name_weight,
        cast(sum(case when is_rare then weight else 0 end) as integer) as rare_weight,
        cast(sum(case when is_rare then certain_extra_weight else 0 end) as integer) as rare_extra_weight,
        cast(sum(case when is_rare then 0 else certain_extra_weight end) as integer) as common_extra_weight,
        cast(sum(case when is_rare and may_be_shared_unseen then weight else 0 end) as integer) as unseen_weight
    from split_names
    group by normalized_name

),

final as (

    select
        *,
        replace(compared_name, ' ', '') as compared_letters
    from joined

)

select * from final

-- Purpose: the blocked names as they are compared, with what their words tell.
-- Grain: one row per blocked name.
with blocked as (

    select firm_name as normalized_name from {{ ref('int_fuzzy_candidate_pairs') }}
    union distinct
    select recipient_name as normalized_name from {{ ref('int_fuzzy_candidate_pairs') }}

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
        name_words.position,
        name_words.full_word,
        name_words.word,
        coalesce(word_weights.weight, {{ word_weight('name_words.word') }}) as weight,
        coalesce(word_weights.is_rare, true) as is_rare,
        -- A word that no recipient has, or that is a key, is shared only by names that meet under it.
        coalesce(word_weights.recipient_name_count > 0 and not word_weights.is_key, false) as may_be_shared_unseen,
        -- A word that may be taken for one under which the names do not meet costs nothing for certain.
        case
            when similar_words.word is not null then 0
            else coalesce(word_weights.extra_weight, {{ word_weight('name_words.word') }})
        end as certain_extra_weight
    from blocked
    inner join {{ ref('int_name_words') }} as name_words
        on blocked.normalized_name = name_words.normalized_name
    left join {{ ref('int_word_weights') }} as word_weights
        on name_words.word = word_weights.word
    left join similar_words
        on name_words.word = similar_words.word

),

weighed as (

    select
        normalized_name,
        string_agg(full_word, '' order by position) as full_letters,
        string_agg(word, '' order by position) as compared_letters,
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
        weighed.*,
        known_names.may_be_cut
    from weighed
    inner join {{ ref('int_names') }} as known_names
        on weighed.normalized_name = known_names.normalized_name

)

select * from final

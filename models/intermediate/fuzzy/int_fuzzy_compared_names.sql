-- Purpose: the blocked names as they are compared, word by word, and whether any word is rare
-- enough to name a firm by itself.
-- Grain: one row per blocked name.
with names as (

    select firm_name as normalized_name from {{ ref('int_fuzzy_candidate_pairs') }}
    union distinct
    select recipient_name as normalized_name from {{ ref('int_fuzzy_candidate_pairs') }}

),

words as (

    {{ compared_words('names') }}

),

final as (

    select
        words.normalized_name,
        string_agg(words.word, ' ' order by words.position) as compared_name,
        count(*) > count(common_words.word) as has_rare_word
    from words
    left join {{ ref('int_common_words') }} as common_words
        on words.word = common_words.word
    group by words.normalized_name

)

select * from final

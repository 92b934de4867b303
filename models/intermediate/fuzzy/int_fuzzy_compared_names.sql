-- Purpose: the blocked names as they are compared: plurals made singular (SYSTEMS, TECHNOLOGIES), and whether any word is rare
-- enough to name a firm by itself.
-- Grain: one row per blocked name.
with names as (

    select firm_name as normalized_name from {{ ref('int_fuzzy_candidate_pairs') }}
    union distinct
    select recipient_name as normalized_name from {{ ref('int_fuzzy_candidate_pairs') }}

),

words as (

    select
        normalized_name,
        {{ split_rows('normalized_name', ' ') }} as word
    from names

),

rarity as (

    select
        words.normalized_name,
        count(*) > count(common_words.word) as has_rare_word
    from words
    left join {{ ref('int_common_words') }} as common_words
        on words.word = common_words.word
    group by words.normalized_name

),

final as (

    select
        normalized_name,
        {{ regex_replace(regex_replace('normalized_name', '\\b([A-Z]{2,})IES\\b', '\\1Y'), '\\b([A-Z]{2,}[^SUI ])S\\b', '\\1') }}
            as compared_name,
        has_rare_word
    from rarity

)

select * from final

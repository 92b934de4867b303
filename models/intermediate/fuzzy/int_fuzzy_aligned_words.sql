-- Purpose: which words that two names do not share are taken for each other: each word for the most similar one of the other
-- name, where that one has no better. A word may be split (SEN SIGMA, SENSIGMA): then all words that only one name has stand
-- for the other's.
-- Grain: one row per firm name, recipient name and word that is taken for one of the other name.
with differences as (

    select * from {{ ref('int_fuzzy_name_differences') }}
    where name_relation = 'other words' and only_in_firm_name <> '' and only_in_recipient_name <> ''

),

firm_words as (

    select
        firm_name,
        recipient_name,
        only_in_recipient_name,
        {{ split_rows('only_in_firm_name', ' ') }} as firm_word
    from differences

),

alike as (

    select distinct
        firm_words.firm_name,
        firm_words.recipient_name,
        similar_words.firm_word,
        similar_words.recipient_word,
        similar_words.similarity
    from firm_words
    inner join {{ ref('int_fuzzy_similar_words') }} as similar_words
        on firm_words.firm_word = similar_words.firm_word
    where ' ' || firm_words.only_in_recipient_name || ' ' like '% ' || similar_words.recipient_word || ' %'

),

ranked as (

    select
        *,
        row_number() over (
            partition by firm_name, recipient_name, firm_word
            order by similarity desc, recipient_word asc
        ) as rank_for_firm_word,
        row_number() over (
            partition by firm_name, recipient_name, recipient_word
            order by similarity desc, firm_word asc
        ) as rank_for_recipient_word
    from alike

),

aligned as (

    select * from ranked
    where rank_for_firm_word = 1 and rank_for_recipient_word = 1

),

respaced as (

    select
        firm_name,
        recipient_name,
        only_in_firm_name,
        only_in_recipient_name
    from differences
    where replace(only_in_firm_name, ' ', '') = replace(only_in_recipient_name, ' ', '')

),

both_sides as (

    select
        firm_name,
        recipient_name,
        true as is_firm_word,
        firm_word as word,
        recipient_word as other_word,
        similarity
    from aligned

    union all

    select
        firm_name,
        recipient_name,
        false as is_firm_word,
        recipient_word as word,
        firm_word as other_word,
        similarity
    from aligned

    union all

    select
        firm_name,
        recipient_name,
        true as is_firm_word,
        {{ split_rows('only_in_firm_name', ' ') }} as word,
        cast(null as varchar) as other_word,
        {{ threshold('split_word_similarity') }} as similarity
    from respaced

    union all

    select
        firm_name,
        recipient_name,
        false as is_firm_word,
        {{ split_rows('only_in_recipient_name', ' ') }} as word,
        cast(null as varchar) as other_word,
        {{ threshold('split_word_similarity') }} as similarity
    from respaced

),

final as (

    select
        firm_name,
        recipient_name,
        is_firm_word,
        word,
        max(similarity) as similarity,
        max_by(other_word, (similarity, other_word)) as other_word
    from both_sides
    group by firm_name, recipient_name, is_firm_word, word

)

select * from final

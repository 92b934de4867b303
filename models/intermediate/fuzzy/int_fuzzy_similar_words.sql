-- Purpose: how far a word of a firm is taken for another one of recipients, in ten-thousandths: a slip in a long word, or a
-- longer or shorter form of it. Words one edit apart leave the same letters when one is taken out; long words two edits apart
-- begin and end alike. The letters are compared by the rapidfuzz UDF edit_distance, each pair of words once; this is its only
-- caller.
-- Grain: one row per pair of words that are taken for each other at all.
with firm_words as (

    select distinct
        word,
        is_rare
    from {{ ref('int_fuzzy_name_words') }}
    where length(word) >= {{ threshold('min_similar_word_length') }}

),

recipient_words as (

    select
        word,
        is_key
    from {{ ref('int_word_weights') }}
    where occurrence_count > 0 and length(word) >= {{ threshold('min_similar_word_length') }}

),

{% for side in ['firm', 'recipient'] -%}
{{ side }}_keys as (

    select
        word,
        {{ word_remainders('word') }} as similarity_key
    from {{ side }}_words
    where length(word) >= {{ threshold('min_typo_word_length') }} - 1

    union all

    select
        word,
        left(word, {{ threshold('two_edit_key_length') }})
        || ' '
        || right(word, {{ threshold('two_edit_key_length') }}) as similarity_key
    from {{ side }}_words
    where length(word) >= {{ threshold('min_two_edit_word_length') }} - {{ threshold('max_edits') }}

),

{{ side }}_beginnings as (

    select
        word,
        {{ word_beginnings('word', threshold('min_beginning_share')) }} as beginning
    from {{ side }}_words

),

{% endfor -%}
edited_pairs as (

    select distinct
        firm_keys.word as firm_word,
        recipient_keys.word as recipient_word
    from firm_keys
    inner join recipient_keys
        on firm_keys.similarity_key = recipient_keys.similarity_key
    where
        firm_keys.word <> recipient_keys.word
        and abs(length(firm_keys.word) - length(recipient_keys.word)) <= {{ threshold('max_edits') }}

),

typos as (

    select
        edited_pairs.firm_word,
        edited_pairs.recipient_word,
        greatest(length(edited_pairs.firm_word), length(edited_pairs.recipient_word)) as longer_length,
        left(edited_pairs.firm_word, 1) = left(edited_pairs.recipient_word, 1) as is_same_initial,
        -- Slips leave a letter out, double it or swap two; another letter in its place is how names of two firms differ.
        length(edited_pairs.firm_word) = length(edited_pairs.recipient_word)
        and not {{ has_same_letters('edited_pairs.firm_word', 'edited_pairs.recipient_word') }} as is_replacement,
        -- A word that recipients use is less likely to be another one mistyped.
        known_words.word is not null as is_known_word,
        edit_distance(edited_pairs.firm_word, edited_pairs.recipient_word) as edits
    from edited_pairs
    left join recipient_words as known_words
        on edited_pairs.firm_word = known_words.word

),

typo_similarities as (

    select
        firm_word,
        recipient_word,
        edits,
        {{ edit_similarity('edits', 'longer_length') }}
        - case when is_known_word then {{ threshold('known_word_cost') }} else 0 end
        - case when is_replacement then {{ threshold('replaced_letter_cost') }} else 0 end
        - case when is_same_initial then 0 else {{ threshold('other_initial_cost') }} end as similarity
    from typos
    where edits <= {{ threshold('max_edits') }}

),

beginning_similarities as (

    select
        firm_words.word as firm_word,
        recipient_beginnings.word as recipient_word,
        cast(null as integer) as edits,
        {{ threshold('beginning_similarity') }} as similarity
    from recipient_beginnings
    inner join firm_words
        on recipient_beginnings.beginning = firm_words.word

    union all

    select
        firm_beginnings.word as firm_word,
        recipient_words.word as recipient_word,
        cast(null as integer) as edits,
        {{ threshold('beginning_similarity') }} as similarity
    from firm_beginnings
    inner join recipient_words
        on firm_beginnings.beginning = recipient_words.word

),

similarities as (

    select * from typo_similarities
    where similarity > 0
    union all
    select * from beginning_similarities

),

final as (

    select
        similarities.firm_word,
        similarities.recipient_word,
        min(similarities.edits) as edits,
        max(similarities.similarity) as similarity,
        -- Only two rare words bring their names together.
        max(recipient_words.is_key and firm_words.is_rare) as is_key
    from similarities
    inner join firm_words
        on similarities.firm_word = firm_words.word
    inner join recipient_words
        on similarities.recipient_word = recipient_words.word
    group by similarities.firm_word, similarities.recipient_word

)

select * from final

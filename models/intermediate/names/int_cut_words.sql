-- Purpose: last words of cut names (`AUTOMATIO`) with the common word that they begin, the most frequent of several.
-- Grain: one row per cut word.
with last_words as (

    select distinct {{ part_from_end('normalized_name', ' ', 1) }} as written_word
    from {{ ref('int_names') }}
    where may_be_cut and normalized_name like '% %'

),

word_frequencies as (

    select * from {{ ref('word_frequencies') }}

),

known as (

    select words.written_word
    from {{ ref('int_words') }} as words
    inner join word_frequencies
        on words.word = word_frequencies.word

),

final as (

    select
        last_words.written_word,
        max_by(word_frequencies.word, (word_frequencies.names_per_million, word_frequencies.word)) as word
    from last_words
    inner join word_frequencies
        on
            left(word_frequencies.word, length(last_words.written_word)) = last_words.written_word
            and length(word_frequencies.word) > length(last_words.written_word)
    left join known
        on last_words.written_word = known.written_word
    where known.written_word is null and length(last_words.written_word) >= {{ threshold('min_cut_word_length') }}
    group by last_words.written_word

)

select * from final

-- Purpose: how each word of a name is compared: abbreviations in full, and plurals made singular (SYSTEMS, TECHNOLOGIES) where
-- the singular is a common word in names; the S of a rare word may be all that keeps two firms apart (MIKRO, MIKROS).
-- Grain: one row per distinct word as written.
with written as (

    select distinct {{ split_rows('normalized_name', ' ') }} as written_word
    from {{ ref('int_names') }}

),

expanded as (

    select
        written.written_word,
        coalesce(abbreviations.word, written.written_word) as full_word
    from written
    left join {{ ref('abbreviations') }} as abbreviations
        on written.written_word = abbreviations.abbreviation

),

final as (

    select
        expanded.written_word,
        expanded.full_word,
        coalesce(word_frequencies.word, expanded.full_word) as word
    from expanded
    left join {{ ref('word_frequencies') }} as word_frequencies
        on {{ singular('expanded.full_word') }} = word_frequencies.word

)

select * from final

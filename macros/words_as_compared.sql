{#-
  The words of normalised names as they are compared: abbreviations in full, plurals made singular (SYSTEMS, TECHNOLOGIES) where the
  singular is a common word in names (the S of a rare word may be all that keeps two firms apart: MIKRO, MIKROS), the last word of a
  cut name (`AUTOMATIO`) as the most frequent common word that it begins; connecting words (AND, OF …) tell nothing and are left out.
  Renders CTEs over a relation with normalized_name and may_be_cut, the CTE `compared_words` last: one row per name and position.
-#}
{% macro words_as_compared(names) -%}
    split_names as (
        select
            normalized_name,
            may_be_cut,
            may_be_cut and normalized_name like '% %' as may_end_cut,
            {{ part_from_end('normalized_name', ' ', 1) }} as last_word,
            {{ split_rows_in_order('normalized_name', ' ') }}
        from {{ names }}
    ),

    written_words as (
        select distinct word as written_word from split_names
    ),

    expanded_words as (
        select
            written_words.written_word,
            coalesce(abbreviations.word, written_words.written_word) as full_word
        from written_words
        left join {{ ref('abbreviations') }} as abbreviations
            on written_words.written_word = abbreviations.abbreviation
    ),

    words as (
        select
            expanded_words.written_word,
            expanded_words.full_word,
            coalesce(singulars.word, expanded_words.full_word) as word,
            singulars.word is not null or common_words.word is not null as is_common
        from expanded_words
        left join {{ ref('word_frequencies') }} as singulars
            on {{ singular('expanded_words.full_word') }} = singulars.word
        left join {{ ref('word_frequencies') }} as common_words
            on expanded_words.full_word = common_words.word
    ),

    last_words as (
        select distinct last_word from split_names
        where may_end_cut
    ),

    cut_words as (
        select
            words.written_word,
            max_by(word_frequencies.word, (word_frequencies.names_per_million, word_frequencies.word)) as word
        from last_words
        inner join words
            on last_words.last_word = words.written_word and not words.is_common
        inner join {{ ref('word_frequencies') }} as word_frequencies
            on
                left(word_frequencies.word, {{ threshold('min_cut_word_length') }})
                = left(words.written_word, {{ threshold('min_cut_word_length') }})
                and left(word_frequencies.word, length(words.written_word)) = words.written_word
                and length(word_frequencies.word) > length(words.written_word)
        where length(words.written_word) >= {{ threshold('min_cut_word_length') }}
        group by words.written_word
    ),

    compared_words as (
        select
            split_names.normalized_name,
            split_names.may_be_cut,
            split_names.position,
            coalesce(cut_words.word, words.full_word) as full_word,
            coalesce(cut_words.word, words.word) as word
        from split_names
        inner join words
            on split_names.word = words.written_word
        left join cut_words
            on split_names.may_end_cut and split_names.word = split_names.last_word and split_names.word = cut_words.written_word
        where split_names.word not in ('{{ connecting_words() | join("', '") }}')
    )
{%- endmacro %}

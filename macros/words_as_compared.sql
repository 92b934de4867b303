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

    -- The few words that are compared otherwise than written: looked for from the seeds' side, not in millions of words.
    plurals as (
        select
            word_frequencies.word || 'S' as plural,
            word_frequencies.word
        from {{ ref('word_frequencies') }} as word_frequencies
        where {{ singular("word_frequencies.word || 'S'") }} = word_frequencies.word

        union all

        select
            left(word_frequencies.word, length(word_frequencies.word) - 1) || 'IES' as plural,
            word_frequencies.word
        from {{ ref('word_frequencies') }} as word_frequencies
        where
            word_frequencies.word like '%Y'
            and {{ singular("left(word_frequencies.word, length(word_frequencies.word) - 1) || 'IES'") }} = word_frequencies.word
    ),

    changed_words as (
        select
            abbreviations.abbreviation as written_word,
            abbreviations.word as full_word,
            coalesce(plurals.word, abbreviations.word) as word
        from {{ ref('abbreviations') }} as abbreviations
        left join plurals
            on abbreviations.word = plurals.plural

        union all

        select
            plurals.plural as written_word,
            plurals.plural as full_word,
            plurals.word
        from plurals
        left join {{ ref('abbreviations') }} as abbreviations
            on plurals.plural = abbreviations.abbreviation
        where abbreviations.abbreviation is null
    ),

    last_words as (
        select distinct last_word from split_names
        where may_end_cut and length(last_word) >= {{ threshold('min_cut_word_length') }}
    ),

    rare_last_words as (
        select last_words.last_word
        from last_words
        left join changed_words
            on last_words.last_word = changed_words.written_word
        left join {{ ref('word_frequencies') }} as common_words
            on coalesce(changed_words.word, last_words.last_word) = common_words.word
        where common_words.word is null
    ),

    cut_words as (
        select
            rare_last_words.last_word as written_word,
            max_by(word_frequencies.word, (word_frequencies.names_per_million, word_frequencies.word)) as word
        from rare_last_words
        inner join {{ ref('word_frequencies') }} as word_frequencies
            on
                left(word_frequencies.word, {{ threshold('min_cut_word_length') }})
                = left(rare_last_words.last_word, {{ threshold('min_cut_word_length') }})
                and left(word_frequencies.word, length(rare_last_words.last_word)) = rare_last_words.last_word
                and length(word_frequencies.word) > length(rare_last_words.last_word)
        group by rare_last_words.last_word
    ),

    compared_words as (
        select
            split_names.normalized_name,
            split_names.may_be_cut,
            split_names.position,
            coalesce(cut_words.word, changed_words.full_word, split_names.word) as full_word,
            coalesce(cut_words.word, changed_words.word, split_names.word) as word
        from split_names
        left join changed_words
            on split_names.word = changed_words.written_word
        left join cut_words
            on split_names.may_end_cut and split_names.word = split_names.last_word and split_names.word = cut_words.written_word
        where split_names.word not in ('{{ connecting_words() | join("', '") }}')
    )
{%- endmacro %}

-- Purpose: how much a word tells: 10,000 for a word that at most one name in 100,000 has, about 3,000 for TECHNOLOGY. Its
-- frequency is counted among the recipients and, as if these were {{ '{:,}'.format(threshold('prior_names')) }} more, in
-- the seed `word_frequencies`: so few or many recipients give much the same weights, and the awards loaded never change one.
-- A name that has a word twice counts twice: few do, and to tell them apart would take as long again as all the rest.
-- Grain: one row per word of a recipient's name or of the seed. Any other word weighs as much as the rarest of its length.
with recipient_names as (

    select count(*) as name_count from {{ ref('int_distinct_recipient_names') }}

),

counted as (

    select
        word,
        count(*) as occurrence_count
    from {{ ref('int_recipient_name_words') }}
    group by word

),

frequencies as (

    select
        coalesce(counted.word, word_frequencies.word) as word,
        coalesce(counted.occurrence_count, 0) as occurrence_count,
        (
            coalesce(counted.occurrence_count, 0)
            + coalesce(word_frequencies.names_per_million, 0) * ({{ threshold('prior_names') }} / 1000000.0)
        ) / (recipient_names.name_count + {{ threshold('prior_names') }}) as frequency
    from counted
    full outer join {{ ref('word_frequencies') }} as word_frequencies
        on counted.word = word_frequencies.word
    cross join recipient_names

),

final as (

    select
        frequencies.word,
        frequencies.occurrence_count,
        {{ word_weight('frequencies.word', 'frequencies.frequency') }} as weight,
        {{ word_rarity('frequencies.frequency') }} >= {{ threshold('min_rarity') }} as is_rare,
        -- Common words that often stand together tell less in sum than each by itself.
        cast(
            {{ word_weight('frequencies.word', 'frequencies.frequency') }}
            * case
                when {{ word_rarity('frequencies.frequency') }} >= {{ threshold('min_rarity') }} then 1 else
                    {{ threshold('common_word_share') }}
            end
            as integer
        ) as distinctive_weight,
        cast(
            {{ word_weight('frequencies.word', 'frequencies.frequency') }}
            * case when affiliation_words.word is not null then {{ threshold('affiliation_share') }} else 1 end as integer
        ) as extra_weight,
        {{ word_rarity('frequencies.frequency') }} >= {{ threshold('min_rarity') }}
        and frequencies.occurrence_count between 1 and {{ threshold('max_names_per_word') }} as is_key
    from frequencies
    left join {{ ref('affiliation_words') }} as affiliation_words
        on frequencies.word = affiliation_words.word

)

select * from final

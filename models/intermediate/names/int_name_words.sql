-- Purpose: the words of every name, in order, as they are compared; connecting words (AND, OF …) tell nothing and are left out.
-- Grain: one row per normalised name and position.
{% set connecting = connecting_words() | join("', '") %}

with split_names as (

    select
        normalized_name,
        may_be_cut,
        is_recipient_name,
        {{ part_from_end('normalized_name', ' ', 1) }} as last_word,
        {{ split_rows_in_order('normalized_name', ' ') }}
    from {{ ref('int_names') }}

),

final as (

    select
        split_names.normalized_name,
        split_names.is_recipient_name,
        split_names.position,
        coalesce(cut_words.word, words.full_word) as full_word,
        coalesce(cut_words.word, words.word) as word
    from split_names
    inner join {{ ref('int_words') }} as words
        on split_names.word = words.written_word
    left join {{ ref('int_cut_words') }} as cut_words
        on split_names.may_be_cut and split_names.word = split_names.last_word and split_names.word = cut_words.written_word
    where split_names.word not in ('{{ connecting }}')

)

select * from final

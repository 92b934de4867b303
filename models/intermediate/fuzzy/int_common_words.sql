-- Purpose: words too frequent among the recipients to tell one firm from another (TECHNOLOGIES, RESEARCH …).
-- Grain: one row per common word. It depends on the recipient file alone, so the awards loaded never change a score.
with recipient_names as (

    select distinct normalized_name from {{ ref('int_recipient_names') }}

),

words as (

    select distinct
        normalized_name,
        {{ split_rows('normalized_name', ' ') }} as word
    from recipient_names

),

final as (

    select
        words.word,
        count(*) as recipient_name_count
    from words
    group by words.word
    having
        count(*) > {{ threshold('common_word_names') }}
        and count(*) > {{ threshold('common_word_share') }} * (select count(*) from recipient_names)

)

select * from final

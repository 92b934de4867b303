-- Purpose: words too frequent among the recipients to tell one firm from another (TECHNOLOGY, RESEARCH …), as they are compared.
-- Grain: one row per common word. It depends on the recipient file alone, so the awards loaded never change a score.
with recipient_names as (

    select distinct normalized_name from {{ ref('int_recipient_names') }}

),

words as (

    {{ compared_words('recipient_names') }}

),

final as (

    select
        words.word,
        count(distinct words.normalized_name) as recipient_name_count
    from words
    group by words.word
    having
        count(distinct words.normalized_name) > {{ threshold('common_word_names') }}
        and count(distinct words.normalized_name)
        > {{ threshold('common_word_share') }} * (select count(*) from recipient_names)

)

select * from final

-- Purpose: blocking: the names worth comparing, never all against all. Two names meet where they have the same letters or
-- words that begin alike, share a rare word or have rare words a slip apart, begin or end alike, or share two less rare words
-- side by side; a key that too many recipients have is none.
-- Grain: one row per firm name and recipient name; shared_key_weight is what the rare words under which they meet tell.
with distinct_firm_names as (

    select distinct normalized_name from {{ ref('int_fuzzy_subjects') }}

),

firm_names as (

    select
        normalized_name,
        {{ name_forms('normalized_name') }}
    from distinct_firm_names

),

firm_words as (

    select * from {{ ref('int_fuzzy_name_words') }}

),

recipient_names as (

    select * from {{ ref('int_distinct_recipient_names') }}

),

wanted_words as (

    select distinct
        word as firm_word,
        word as recipient_word,
        'word' as key_kind
    from firm_words
    where is_key

    union all

    select
        firm_word,
        recipient_word,
        'similar_word' as key_kind
    from {{ ref('int_fuzzy_similar_words') }}
    where is_key and edits is not null

),

met_by_word as (

    select
        firm_words.normalized_name as firm_name,
        recipient_words.normalized_name as recipient_name,
        wanted_words.key_kind,
        firm_words.weight as key_weight
    from wanted_words
    inner join firm_words
        on wanted_words.firm_word = firm_words.word
    inner join {{ ref('int_recipient_name_words') }} as recipient_words
        on wanted_words.recipient_word = recipient_words.word
    where firm_words.is_rare

),

less_rare_firm_words as (

    select * from firm_words
    where is_rare and is_known and not is_key

),

less_rare_words as (

    select distinct word from less_rare_firm_words

),

less_rare_recipient_words as (

    select
        name_words.normalized_name,
        name_words.position,
        name_words.word
    from {{ ref('int_recipient_name_words') }} as name_words
    inner join less_rare_words
        on name_words.word = less_rare_words.word

),

firm_keys as (

    {{ blocking_keys('firm_names', 'less_rare_firm_words') }}

),

wanted_keys as (

    select distinct blocking_key from firm_keys

),

recipient_keys as (

    select key_rows.*
    from (

        {{ blocking_keys('recipient_names', 'less_rare_recipient_words') }}

    ) as key_rows
    inner join wanted_keys
        on key_rows.blocking_key = wanted_keys.blocking_key

),

usable_keys as (

    select blocking_key from recipient_keys
    group by blocking_key
    having count(*) <= {{ threshold('max_names_per_letter_key') }}

),

met_by_key as (

    select
        firm_keys.normalized_name as firm_name,
        recipient_keys.normalized_name as recipient_name,
        firm_keys.key_kind,
        0 as key_weight
    from firm_keys
    inner join usable_keys
        on firm_keys.blocking_key = usable_keys.blocking_key
    inner join recipient_keys
        on firm_keys.blocking_key = recipient_keys.blocking_key

),

met as (

    select * from met_by_word
    union all
    select * from met_by_key

),

final as (

    select
        firm_name,
        recipient_name
        {%- for kind in blocking_key_kinds() %},
        max(key_kind = '{{ kind }}') as by_{{ kind }}
        {%- endfor %},
        cast(sum(key_weight) as integer) as shared_key_weight
    from met
    group by firm_name, recipient_name

)

select * from final

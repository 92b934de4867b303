-- Purpose: whether a firm goes by the name of the recipient that an identifier of its awards points to: they share a name or a
-- rare word. Where they do not, a recipient that has the firm's name, if one is listed, speaks against the identifier.
-- Grain: one row per firm and recipient that an identifier of its awards points to.
with pointed as (

    select distinct
        firm_awards.firm_key,
        matches.recipient_hash
    from {{ ref('int_identifier_matches') }} as matches
    inner join {{ ref('int_firm_awards') }} as firm_awards
        on matches.award_key = firm_awards.award_key
    where firm_awards.firm_key is not null

),

firm_words as (

    select
        firm_names.firm_key,
        firm_names.normalized_name,
        name_words.word,
        name_words.position
    from {{ ref('int_firm_names') }} as firm_names
    inner join {{ ref('int_firm_name_words') }} as name_words
        on firm_names.normalized_name = name_words.normalized_name
    where firm_names.firm_key in (select pointed.firm_key from pointed)

),

recipient_words as (

    select
        recipient_names.recipient_hash,
        recipient_names.normalized_name,
        name_words.word,
        name_words.position
    from {{ ref('int_recipient_names') }} as recipient_names
    inner join {{ ref('int_recipient_name_words') }} as name_words
        on recipient_names.normalized_name = name_words.normalized_name
    where recipient_names.recipient_hash in (select pointed.recipient_hash from pointed)

),

-- Names without spaces, as compared and as written: a cut word is compared as another one.
firm_letters as (

    select
        firm_key,
        string_agg(word, '' order by position) as letters
    from firm_words
    group by firm_key, normalized_name

    union distinct

    select
        firm_key,
        replace(normalized_name, ' ', '') as letters
    from firm_words

),

recipient_letters as (

    select
        recipient_hash,
        string_agg(word, '' order by position) as letters
    from recipient_words
    group by recipient_hash, normalized_name

    union distinct

    select
        recipient_hash,
        replace(normalized_name, ' ', '') as letters
    from recipient_words

),

equal as (

    select distinct
        pointed.firm_key,
        pointed.recipient_hash
    from pointed
    inner join firm_letters
        on pointed.firm_key = firm_letters.firm_key
    inner join recipient_letters
        on
            pointed.recipient_hash = recipient_letters.recipient_hash
            and left(firm_letters.letters, {{ threshold('min_cut_name_length') }})
            = left(recipient_letters.letters, {{ threshold('min_cut_name_length') }})
            -- FPDS cuts long names.
            and (
                left(firm_letters.letters, length(recipient_letters.letters)) = recipient_letters.letters
                or left(recipient_letters.letters, length(firm_letters.letters)) = firm_letters.letters
            )

),

sharing as (

    select distinct
        pointed.firm_key,
        pointed.recipient_hash
    from pointed
    inner join firm_words
        on pointed.firm_key = firm_words.firm_key
    inner join recipient_words
        on pointed.recipient_hash = recipient_words.recipient_hash and firm_words.word = recipient_words.word
    inner join {{ ref('int_word_weights') }} as word_weights
        on firm_words.word = word_weights.word and word_weights.is_rare

),

judged as (

    select
        pointed.firm_key,
        pointed.recipient_hash,
        equal.firm_key is not null or sharing.firm_key is not null as name_agrees
    from pointed
    left join equal
        on pointed.firm_key = equal.firm_key and pointed.recipient_hash = equal.recipient_hash
    left join sharing
        on pointed.firm_key = sharing.firm_key and pointed.recipient_hash = sharing.recipient_hash

),

-- Those that have the firm's name, in the firm's state first.
namesakes as (

    select
        judged.firm_key,
        judged.recipient_hash,
        recipients.recipient_hash as named_recipient_hash,
        row_number() over (
            partition by judged.firm_key, judged.recipient_hash
            order by
                {{ is_same_house('pointed_to', 'recipients') }} desc,
                coalesce(recipients.state = firms.state, false) desc,
                firm_names.is_own_name desc,
                recipients.uei asc nulls last,
                recipients.duns asc nulls last,
                recipients.recipient_name asc,
                recipients.recipient_hash asc
        ) as namesake_rank
    from judged
    inner join {{ ref('int_firms') }} as firms
        on judged.firm_key = firms.firm_key
    inner join {{ ref('int_recipients') }} as pointed_to
        on judged.recipient_hash = pointed_to.recipient_hash
    inner join {{ ref('int_firm_names') }} as firm_names
        on judged.firm_key = firm_names.firm_key
    inner join {{ ref('int_equal_names') }} as equal_names
        on firm_names.normalized_name = equal_names.normalized_name and equal_names.name_kind <> 'parent'
    inner join {{ ref('int_recipients') }} as recipients
        on equal_names.recipient_hash = recipients.recipient_hash and not recipients.is_abroad
    where not judged.name_agrees

),

final as (

    select
        judged.firm_key,
        judged.recipient_hash,
        judged.name_agrees,
        namesakes.named_recipient_hash
    from judged
    left join namesakes
        on
            judged.firm_key = namesakes.firm_key
            and judged.recipient_hash = namesakes.recipient_hash
            and namesakes.namesake_rank = 1

)

select * from final

{#-
  The keys, other than words, under which two names meet as candidates; the kind is part of the key, so kinds never meet each
  other. Renders a query with normalized_name, key_kind and blocking_key.
    letters          all letters, spaces and an S at the end left out
    word_starts      the first letters of every word, in any order: the same for abbreviations, plurals and late slips
    prefix, suffix   the first and last letters, spaces left out
    start            the longer beginning that a cut name keeps
    word_pair        two words side by side, in either order, that are rare but too common to be a key alone
-#}
{% macro blocking_keys(names, less_rare_words) -%}
    select
        normalized_name,
        'letters' as key_kind,
        'letters:' || rtrim(letters, 'S') as blocking_key
    from {{ names }}

    union all

    select
        normalized_name,
        'word_starts' as key_kind,
        'word_starts:' || word_starts as blocking_key
    from {{ names }}

    union all

    select
        normalized_name,
        'prefix' as key_kind,
        'prefix:' || left(letters, {{ threshold('prefix_length') }}) as blocking_key
    from {{ names }}
    where length(letters) >= {{ threshold('prefix_length') }}

    union all

    select
        normalized_name,
        'suffix' as key_kind,
        'suffix:' || right(letters, {{ threshold('suffix_length') }}) as blocking_key
    from {{ names }}
    where length(letters) >= {{ threshold('suffix_length') }}

    union all

    select
        normalized_name,
        'start' as key_kind,
        'start:' || left(letters, {{ threshold('start_length') }}) as blocking_key
    from {{ names }}
    where length(letters) >= {{ threshold('start_length') }}

    union all

    select distinct
        normalized_name,
        'word_pair' as key_kind,
        'word_pair:' || least(word, next_word) || ' ' || greatest(word, next_word) as blocking_key
    from (
        select
            normalized_name,
            word,
            position,
            lead(word) over (partition by normalized_name order by position) as next_word,
            lead(position) over (partition by normalized_name order by position) as next_position
        from {{ less_rare_words }}
    ) as neighbours
    where next_position = position + 1
{%- endmacro %}

{#- The forms of a name that keys are made of, as columns; of recipients' names they are kept, since new awards leave them as they are. -#}
{% macro name_forms(name) -%}
    replace({{ name }}, ' ', '') as letters,
    {{ word_starts(name, threshold('word_start_length')) }} as word_starts
{%- endmacro %}

{#- All kinds of keys, words included. -#}
{% macro blocking_key_kinds() -%}
    {{ return(['letters', 'word_starts', 'word', 'similar_word', 'prefix', 'suffix', 'start', 'word_pair']) }}
{%- endmacro %}

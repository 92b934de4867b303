{#-
  The keys under which two names meet as candidates: each word, and the first seven characters without spaces. Renders a query
  with normalized_name and blocking_key; the kind is part of the key ("word:NAVMAR"), so kinds never meet each other.
-#}
{% macro blocking_keys(names) -%}
    select distinct
        normalized_name,
        'word:' || word as blocking_key
    from (
        select
            normalized_name,
            {{ split_rows('normalized_name', ' ') }} as word
        from {{ names }}
    ) as words
    where length(word) > 1

    union all

    select
        normalized_name,
        'prefix:' || left(replace(normalized_name, ' ', ''), 7) as blocking_key
    from {{ names }}
{%- endmacro %}

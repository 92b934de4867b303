{#-
  The words of names as they are compared: abbreviations in full, plurals made singular (SYSTEMS, TECHNOLOGIES). Renders a query
  with normalized_name, position and word.
-#}
{% macro compared_words(names) -%}
    select
        words.normalized_name,
        words.position,
        {{ regex_replace(regex_replace('coalesce(abbreviations.word, words.word)', '([A-Z]{2})IES$', '\\1Y'), '([A-Z]{2}[^SUI])S$', '\\1') }}
            as word
    from (
        select
            normalized_name,
            {{ split_rows_in_order('normalized_name', ' ') }}
        from {{ names }}
    ) as words
    left join {{ ref('abbreviations') }} as abbreviations
        on words.word = abbreviations.abbreviation
{%- endmacro %}

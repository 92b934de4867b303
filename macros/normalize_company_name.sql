{#- What introduces a further name of a company within one spelling: `X INC DBA Y`, `X (formerly Y)`. -#}
{% macro alias_marker() -%}
    {{ return('[\\s,/(]+(?:D[./]?B[./]?A|F[./]?K[./]?A|A[./]?K[./]?A|FORMERLY(?: KNOWN AS)?|ALSO KNOWN AS|DOING BUSINESS AS)\\b[.:]?') }}
{%- endmacro %}

{#-
  The one normaliser of company names: renders the CTEs that take a relation of distinct names to one normalised form each, in the
  CTE `normalized`. Trailing legal designators (seed `legal_designators`) are dropped, up to four, and never the last word that is
  left. Where FPDS may have cut the name, so is a last word that only begins a designator (`TECHNOLOGY, I`). The last designator
  that was dropped, and the legal form that the dropped ones give, are kept as `legal_designator` and `legal_form`.
-#}
{% macro normalize_company_name(names, column) -%}
    {%- set bracketed_name = '^(.*\\S)\\s+[(]([A-Z0-9.]{2,8})[)](.*)$' %}
    bracketed as (
        select
            {{ column }} as company_name,
            {{ regex_capture('upper(' ~ column ~ ')', bracketed_name, 1) }} as before_bracket,
            {{ regex_replace(regex_capture('upper(' ~ column ~ ')', bracketed_name, 2), '[.]') }} as in_bracket,
            {{ regex_capture('upper(' ~ column ~ ')', bracketed_name, 3) }} as after_bracket
        from {{ names }}
        where {{ column }} like '%(%'
    ),

    -- A company's own initials say nothing more: SCIENTIFIC RESEARCH CORP (SRC). What else stands in brackets tells firms apart.
    initialled as (
        select
            company_name,
            before_bracket || after_bracket as unbracketed_name
        from bracketed
        where
            in_bracket <> ''
            and left({{ regex_replace('before_bracket', '([A-Z0-9])[A-Z0-9]*[^A-Z0-9]*', '\\1') }}, length(in_bracket)) = in_bracket
    ),

    plain as (
        select
            {{ names }}.{{ column }} as company_name,
            trim({{ without_accents('upper(coalesce(initialled.unbracketed_name, ' ~ names ~ '.' ~ column ~ '))') }}) as plain_name
        from {{ names }}
        left join initialled
            on {{ names }}.{{ column }} = initialled.company_name
    ),

    -- Most names have none of what the next steps look for; looking first costs a fraction of replacing.
    unannotated as (
        select
            company_name,
            case
                when plain_name like '%(%' or plain_name like '%DONE%' or {{ regex_contains('plain_name', alias_marker()) }}
                    then {{ replace_in_turn('plain_name', [
                        ('[(](?:[0-9]{3,5}|NOT INC[.]?)[)]', ' '),
                        ('(\\S)[\\s,]+DONE\\s*$', '\\1'),
                        ('(\\S)' ~ alias_marker() ~ '.*$', '\\1'),
                    ]) }}
                else plain_name
            end as unannotated_name
        from plain
    ),

    {%- set spelled_out = "replace(replace(unannotated_name, '&', ' AND '), '+', ' AND ')" %}
    unpunctuated as (
        select
            company_name,
            replace(replace(replace(replace(replace({{ spelled_out }}, '.', ''), '''', ''), '’', ''), '`', ''), ', ', ' ')
                as unpunctuated_name
        from unannotated
    ),

    lettered as (
        select
            company_name,
            trim(case
                when {{ regex_contains('unpunctuated_name', '[^A-Z0-9 ]|  ') }}
                    then {{ regex_replace('unpunctuated_name', '[^A-Z0-9]+', ' ') }}
                else unpunctuated_name
            end) as lettered_name
        from unpunctuated
    ),

    joined as (
        select
            company_name,
            case
                when {{ regex_contains('lettered_name', '(^| )[A-Z0-9] [A-Z0-9]( |$)') }}
                    then trim({{ replace_in_turn("replace(lettered_name, ' ', '  ')", [
                        ('(^| )([A-Z0-9])( |$)', '\\1~\\2~\\3'),
                        ('~ +~', ''),
                        ('~', ' '),
                        (' +', ' '),
                    ]) }})
                else lettered_name
            end as joined_name
        from lettered
    ),

    spelled as (
        select
            company_name,
            nullif(
                case
                    when joined_name like '%THE%'
                        then {{ replace_in_turn('joined_name', [('^THE (.)', '\\1'), ('(.) THE$', '\\1')]) }}
                    else joined_name
                end,
                ''
            ) as cleaned_name
        from joined
    ),

    stripped_0 as (
        select
            company_name,
            case
                when length(company_name) = {{ threshold('cut_length') }}
                    then {{ regex_replace('cleaned_name', ' (?:[A-Z]|IN|INCO|LL|LI|LIM|LIMI|LIMIT|LIMITE|COR|COM|COMP|COMPA|COMPAN)$') }}
                else cleaned_name
            end as stripped_name,
            cast(null as varchar) as legal_designator,
            cast(null as varchar) as legal_form
        from spelled
    ),
    {% for step in range(1, 5) %}
    {%- set previous = 'stripped_' ~ (step - 1) %}
    {%- set stripped_designator = 'nullif(nullif(legal_designators.designator, ' ~ previous ~ ".stripped_name), 'THE')" %}
    stripped_{{ step }} as (
        select
            {{ previous }}.company_name,
            case
                when legal_designators.designator is null or legal_designators.designator = {{ previous }}.stripped_name
                    then {{ previous }}.stripped_name
                else left({{ previous }}.stripped_name, length({{ previous }}.stripped_name) - length(legal_designators.designator) - 1)
            end as stripped_name,
            coalesce({{ previous }}.legal_designator, {{ stripped_designator }}) as legal_designator,
            coalesce(
                {{ previous }}.legal_form,
                case when {{ stripped_designator }} is not null then nullif(legal_designators.legal_form, '') end
            ) as legal_form
        from {{ previous }}
        left join {{ ref('legal_designators') }} as legal_designators
            on {{ part_from_end(previous ~ '.stripped_name', ' ', 1) }} = legal_designators.designator
    ),
    {% endfor %}
    normalized as (
        select
            company_name,
            case
                when stripped_name like '% AND' or stripped_name like '% THE'
                    then {{ replace_in_turn('stripped_name', [('(.) AND$', '\\1'), ('(.) THE$', '\\1')]) }}
                else stripped_name
            end as normalized_name,
            legal_designator,
            legal_form
        from stripped_4
    )
{%- endmacro %}

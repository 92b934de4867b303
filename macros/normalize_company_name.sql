{#-
  The one normaliser of company names. `clean_company_name` settles the spelling of a single expression; `normalize_company_name`
  renders the CTEs that take a relation of distinct names to one normalised form each: trailing legal designators (seed
  `legal_designators`) are dropped, up to four, and never the last word that is left. Where FPDS may have cut the name, so is a
  last word that only begins a designator (`TECHNOLOGY, I`).
-#}
{% macro clean_company_name(expression) -%}
    {%- set steps = [
        ('[(](?:[0-9]{3,5}|NOT INC[.]?)[)]', ' '),
        ('(\\S)[\\s,]+DONE\\s*$', '\\1'),
        ('(\\S)' ~ alias_marker() ~ '.*$', '\\1'),
        ('[&+]', ' AND '),
        ('[\'\'’`.]', ''),
        ('[^A-Z0-9]+', '  '),
        ('(^| )([A-Z0-9])( |$)', '\\1~\\2~\\3'),
        ('~ +~', ''),
        ('~', ' '),
        (' +', ' '),
        ('^ ?THE (.)', '\\1'),
        ('(.) THE ?$', '\\1'),
    ] -%}
    {%- set ns = namespace(sql='trim(' ~ without_accents('upper(' ~ expression ~ ')') ~ ')') -%}
    {%- for pattern, replacement in steps -%}
        {%- set ns.sql = regex_replace(ns.sql, pattern, replacement) -%}
    {%- endfor -%}
    nullif(trim({{ ns.sql }}), '')
{%- endmacro %}

{#- A name without its own initials in brackets: SCIENTIFIC RESEARCH CORP (SRC). What else stands in brackets tells firms apart. -#}
{% macro without_own_initials(expression) -%}
    {%- set pattern = '^(.*\\S)\\s+[(]([A-Z0-9.]{2,8})[)](.*)$' -%}
    {%- set upper_name = 'upper(' ~ expression ~ ')' -%}
    {%- set bracketed = regex_replace(regex_capture(upper_name, pattern, 2), '[.]') -%}
    {%- set initials = regex_replace(regex_capture(upper_name, pattern, 1), '([A-Z0-9])[A-Z0-9]*[^A-Z0-9]*', '\\1') -%}
    case
        when {{ expression }} like '%(%' and {{ bracketed }} <> '' and left({{ initials }}, length({{ bracketed }})) = {{ bracketed }}
            then {{ regex_capture(upper_name, pattern, 1) }} || {{ regex_capture(upper_name, pattern, 3) }}
        else {{ expression }}
    end
{%- endmacro %}

{#- What introduces a further name of a company within one spelling: `X INC DBA Y`, `X (formerly Y)`. -#}
{% macro alias_marker() -%}
    {{ return('[\\s,/(]+(?:D[./]?B[./]?A|F[./]?K[./]?A|A[./]?K[./]?A|FORMERLY(?: KNOWN AS)?|ALSO KNOWN AS|DOING BUSINESS AS)\\b[.:]?') }}
{%- endmacro %}

{% macro normalize_company_name(names, column) -%}
    spelled as (
        select
            {{ column }} as company_name,
            {{ clean_company_name(without_own_initials(column)) }} as cleaned_name
        from {{ names }}
    ),

    stripped_0 as (
        select
            company_name,
            case
                when length(company_name) = {{ threshold('cut_length') }}
                    then {{ regex_replace('cleaned_name', ' (?:[A-Z]|IN|INCO|LL|LI|LIM|LIMI|LIMIT|LIMITE|COR|COM|COMP|COMPA|COMPAN)$') }}
                else cleaned_name
            end as stripped_name
        from spelled
    ),
    {% for step in range(1, 5) %}
    {%- set previous = 'stripped_' ~ (step - 1) %}
    stripped_{{ step }} as (
        select
            {{ previous }}.company_name,
            case
                when legal_designators.designator is null or legal_designators.designator = {{ previous }}.stripped_name
                    then {{ previous }}.stripped_name
                else left({{ previous }}.stripped_name, length({{ previous }}.stripped_name) - length(legal_designators.designator) - 1)
            end as stripped_name
        from {{ previous }}
        left join {{ ref('legal_designators') }} as legal_designators
            on {{ part_from_end(previous ~ '.stripped_name', ' ', 1) }} = legal_designators.designator
    ),
    {% endfor %}
    normalized as (
        select
            company_name,
            {{ regex_replace(regex_replace('stripped_name', '(.) AND$', '\\1'), '(.) THE$', '\\1') }} as normalized_name
        from stripped_4
    )
{%- endmacro %}

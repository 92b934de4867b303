{#-
  The one normaliser of company names. `clean_company_name` settles the spelling of a single expression; `normalize_company_name`
  renders the CTEs that take a relation of distinct names to one normalised form each: trailing legal designators (seed
  `legal_designators`) are dropped, up to four, and never the last word that is left.
-#}
{% macro clean_company_name(expression) -%}
    {%- set steps = [
        ('[(](?:[0-9]{3,5}|NOT INC[.]?)[)]', ' '),
        ('(\\S)\\s+[(]?(?:D[./]?B[./]?A|F[./]?K[./]?A|A[./]?K[./]?A)\\b.*$', '\\1'),
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
    {%- set ns = namespace(sql=without_accents('upper(' ~ expression ~ ')')) -%}
    {%- for pattern, replacement in steps -%}
        {%- set ns.sql = regex_replace(ns.sql, pattern, replacement) -%}
    {%- endfor -%}
    nullif(trim({{ ns.sql }}), '')
{%- endmacro %}

{% macro normalize_company_name(names, column) -%}
    spelled as (
        select
            {{ column }} as company_name,
            {{ clean_company_name(column) }} as stripped_name
        from {{ names }}
    ),
    {% for step in range(1, 5) %}
    {%- set previous = 'spelled' if step == 1 else 'stripped_' ~ (step - 1) %}
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
            stripped_name as normalized_name
        from stripped_4
    )
{%- endmacro %}

{#-
  The body of the models that normalise names: company names with what can be said of each without another one. Renders CTEs over a
  relation of spellings, the CTE `company_names` last: one row per distinct company_name.
-#}
{% macro company_names(spellings) -%}
    named as (
        select distinct company_name from {{ spellings }}
        where company_name is not null
    ),

    {{ normalize_company_name('named', 'company_name') }},

    special_names as (
        select normalized.normalized_name
        from normalized
        inner join {{ ref('special_recipients') }} as special_recipients
            on normalized.normalized_name = special_recipients.recipient_name

        union distinct

        select normalized.normalized_name
        from normalized
        inner join {{ ref('special_recipients') }} as special_recipients
            on
                split_part(normalized.normalized_name, ' ', 1) = split_part(special_recipients.recipient_name, ' ', 1)
                and left(normalized.normalized_name, length(special_recipients.recipient_name) + 1)
                = special_recipients.recipient_name || ' '
        where special_recipients.is_beginning
    ),

    company_names as (
        select
            normalized.company_name,
            normalized.normalized_name,
            normalized.legal_designator,
            normalized.legal_form,
            -- FPDS cuts at 30 characters; a space at the cut is trimmed.
            length(normalized.company_name) between {{ threshold('cut_length') }} - 1 and {{ threshold('cut_length') }} as may_be_cut,
            -- A name without two letters or digits names nobody.
            coalesce(length(normalized.normalized_name), 0) < 2 or special_names.normalized_name is not null as is_special
        from normalized
        left join special_names
            on normalized.normalized_name = special_names.normalized_name
    )
{%- endmacro %}

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

    company_names as (
        select
            normalized.company_name,
            normalized.normalized_name,
            -- FPDS cuts at 30 characters; a space at the cut is trimmed.
            length(normalized.company_name) between {{ threshold('cut_length') }} - 1 and {{ threshold('cut_length') }} as may_be_cut,
            -- A name without two letters or digits names nobody.
            coalesce(length(normalized.normalized_name), 0) < 2 or special_recipients.recipient_name is not null as is_special
        from normalized
        left join {{ ref('special_recipients') }} as special_recipients
            on normalized.normalized_name = special_recipients.recipient_name
    )
{%- endmacro %}

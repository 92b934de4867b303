{#- What awards are split by for figures about them: name → SQL expression of the value, in the order asked for. -#}
{% macro award_dimensions(names) -%}
    {%- set known = {
        'total': "'all awards'",
        'agency': 'agency',
        'phase': 'phase',
        'award_year': 'cast(award_year as varchar)',
        'year_band': "cast(cast(floor(award_year / 10.0) * 10 as integer) as varchar) || 's'",
        'state': 'state',
        'identifier_type': "case when uei is not null and duns is not null then 'UEI and DUNS' when uei is not null then 'UEI' "
            ~ "when duns is not null then 'DUNS' when contract_number is not null then 'award number only' else 'none' end",
        'firm_size': "case when number_employees between 1 and 9 then '1-9' when number_employees between 10 and 49 then '10-49' "
            ~ "when number_employees between 50 and 249 then '50-249' when number_employees between 250 and 500 then '250-500' "
            ~ "when number_employees > 500 then 'more than 500' else 'unknown' end",
        'match_method': '_usaspending_match_method',
    } -%}
    {%- set chosen = {} -%}
    {%- for name in names -%}
        {%- do chosen.update({name: known[name]}) -%}
    {%- endfor -%}
    {{ return(chosen) }}
{%- endmacro %}

{#- Query of a relation's rows once for each dimension, with dimension and dimension_value; (none) where a row has no value. -#}
{% macro by_dimension(relation, dimensions) -%}
    {%- for dimension, expression in dimensions.items() -%}
    select
        '{{ dimension }}' as dimension,
        coalesce({{ expression }}, '(none)') as dimension_value,
        {{ relation }}.*
    from {{ relation }}
    {% if not loop.last %}
    union all

    {% endif %}
    {%- endfor -%}
{%- endmacro %}

{#- Whether two recipients belong to one house: one is the other's parent, or both have the same. Aliases of int_recipients. -#}
{% macro is_same_house(one, other) -%}
    (
        coalesce(
            coalesce({{ one }}.parent_uei, {{ one }}.uei) = coalesce({{ other }}.parent_uei, {{ other }}.uei), false
        )
        or coalesce(upper({{ one }}.parent_name) = upper({{ other }}.parent_name), false)
    )
{%- endmacro %}

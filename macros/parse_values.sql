{#- Dollars as `$1,234.50`, `304952.0000` or `50000.0`; null where it is no number. -#}
{% macro parse_amount(expression) -%}
    try_cast({{ regex_replace(expression, '[$,\\s]') }} as decimal(18, 2))
{%- endmacro %}

{#- A calendar year as `2017` or `2017.0`; null outside 1900–2100. -#}
{% macro parse_year(expression) -%}
    try_cast(nullif({{ regex_capture('trim(' ~ expression ~ ')', '^((?:19|20)[0-9]{2}|2100)(?:[.]0*)?$') }}, '') as integer)
{%- endmacro %}

{#- Y and N as true and false; `U`, `Unavailable` and the rest are null. -#}
{% macro parse_flag(expression) -%}
    case upper(left(trim({{ expression }}), 1)) when 'Y' then true when 'N' then false end
{%- endmacro %}

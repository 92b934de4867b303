{#-
  Dollars as `$1,234.50`, `304952.0000`, `(1,234.00)` or `-$1,234`; null where the text could mean another amount or none: `1_000`,
  `1.234,50`, `750K`, three decimals (`1.234` may be thousands), and numbers that were rounded to be shown (Excel's `1.5E+06`). The short forms
  `1e+05` of R and `1.5E7` of Java are exact.
-#}
{% macro parse_amount(expression) -%}
    {%- set number = '(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,3}(?: [0-9]{3})+|[0-9]+)(?:[.][0-9]*)?|[.][0-9]+' -%}
    {%- set written = replace_in_turn(without_quotes(regex_replace(expression, '(?i)us ?[$]|[$]|usd|dollars')), [
        ('[−–]', '-'), ('[\\s\\p{Z}]+', ' '), ('^([-+(]) ', '\\1'), (' [)]$', ')'),
    ]) -%}
    try_cast(case
        when {{ regex_matches(expression, '-?[0-9]+(?:[.][0-9]{1,2})?') }} then {{ expression }}
        when {{ regex_matches(written, '[-+(]?[1-9][0-9]{0,2}[.][0-9]{3}[)]?') }} then null
        when {{ regex_matches(written, '[-+]?(?:' ~ number ~ ')|[(](?:' ~ number ~ ')[)]') }}
            then {{ replace_in_turn(written, [('^[(]', '-'), ('[^0-9.-]', '')]) }}
        when {{ regex_matches(written, '-?[0-9](?:[.][0-9]{1,3})?e[+]?[0-9]{1,2}|-?[0-9][.][0-9]+E[0-9]{1,2}') }} then {{ written }}
    end as decimal(18, 2))
{%- endmacro %}

{#- A whole number such as `34`, `34.0` or `1,200`; null where it is negative or has a fraction. -#}
{% macro parse_whole_number(expression) -%}
    {%- set digits = regex_capture(without_quotes(expression), '^([0-9]+|[0-9]{1,3}(?:,[0-9]{3})+)(?:[.]0*)?$') -%}
    try_cast(nullif(replace({{ digits }}, ',', ''), '') as integer)
{%- endmacro %}

{#-
  A year as `2017`, `2017.0`, `FY2018` or `FY18`; null before 1950 and after the year that follows the load. Two digits mean 20xx up to
  that year, else 19xx.
-#}
{% macro parse_year(expression, loaded_on) -%}
    {%- set digits = regex_capture(
        'upper(' ~ without_quotes(expression) ~ ')',
        '^(?:(?:FISCAL|CALENDAR) YEAR|[FC][.]?Y)?[^0-9A-Z]*([0-9],?[0-9]{3}|[0-9]{2})(?:[.]0*)?$'
    ) -%}
    {%- set year = 'try_cast(case when ' ~ regex_matches(expression, '[0-9]{4}') ~ ' then ' ~ expression
        ~ ' else replace(' ~ digits ~ ", ',', '') end as integer)" -%}
    {%- set last_year = year_after(loaded_on) -%}
    case
        when {{ year }} between 1950 and {{ last_year }} then {{ year }}
        when {{ year }} + 2000 between 2000 and {{ last_year }} then {{ year }} + 2000
        when {{ year }} between 50 and 99 then {{ year }} + 1900
    end
{%- endmacro %}

{#- The year after a date: no award can be dated later than that. -#}
{% macro year_after(date) -%}
    (extract(year from {{ date }}) + 1)
{%- endmacro %}

{#- Y and N as true and false; `U`, `Unavailable` and the rest are null. -#}
{% macro parse_flag(expression) -%}
    case upper(left(trim({{ expression }}), 1)) when 'Y' then true when 'N' then false end
{%- endmacro %}

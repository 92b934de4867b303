{#-
  A text as a date: ISO with or without time, `06-04-2019`, `6/4/19`, `April 01, 2019`, `15-Jan-2021`, `20210115`, and the number that Excel
  keeps for a date (18264 is 1950-01-01, 55152 is 2050-12-30). Two-digit years mean 20xx up to the year after the load, else 19xx. Null before
  1950, after the last year, and where the text is no date or could be two (`15.01.2021`).
-#}
{% macro parse_date(expression, loaded_on, last_year=none) -%}
    {{ return(adapter.dispatch('parse_date')(expression, loaded_on, last_year or year_after(loaded_on))) }}
{%- endmacro %}

{% macro duckdb__parse_date(expression, loaded_on, last_year) -%}
    {#- Casting is the fastest way to read ISO dates, but takes other texts for dates as well. -#}
    {%- set iso = 'try_cast(left(' ~ expression ~ ', 10) as date)' -%}
    {%- set written = replace_in_turn(without_quotes(expression), [
        ('(?i)^(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*[., ]+', ''),
        ('(?i)[t ,]+[0-9]{1,2}:[0-9]{2}.*$', ''),
        ('(?i)([a-z])[.]', '\\1'),
        ('(?i)sept\\b', 'sep'),
        ('(?i)([0-9])(?:st|nd|rd|th)\\b', '\\1'),
        ('[-/, ]+', '/'),
    ]) -%}
    case
        when substr({{ expression }}, 5, 1) = '-' and extract(year from {{ iso }}) between 1950 and {{ last_year }} then {{ iso }}
        when {{ expression }} is not null
            then list_transform([cast(coalesce(
                try_strptime({{ expression }}, ['%m/%d/%Y', '%m-%d-%Y', '%B %d, %Y', '%b %d, %Y']),
                case
                    when {{ regex_matches(written, '[0-9]{4}/[0-9]{1,2}/[0-9]{1,2}') }} then try_strptime({{ written }}, '%Y/%m/%d')
                    when {{ regex_matches(written, '[0-9]{8}(?:[.]0*)?') }} then try_strptime(left({{ written }}, 8), '%Y%m%d')
                    when {{ regex_matches(written, '[0-9]{5}(?:[.][0-9]*)?') }} and left({{ written }}, 5) between '18264' and '55152'
                        then date '1899-12-30' + cast(left({{ written }}, 5) as integer)
                    else try_strptime({{ written }}, ['%m/%d/%Y', '%d/%b/%Y', '%d/%B/%Y', '%b/%d/%Y', '%B/%d/%Y', '%d%b%Y'])
                end
            ) as date)], lambda read_day: case
                when extract(year from read_day) between 1950 and {{ last_year }} then read_day
                when extract(year from read_day) + 2000 between 2000 and {{ year_after(loaded_on) }}
                    then make_date(extract(year from read_day) + 2000, extract(month from read_day), extract(day from read_day))
                when extract(year from read_day) between 50 and 99
                    then make_date(extract(year from read_day) + 1900, extract(month from read_day), extract(day from read_day))
            end)[1]
    end
{%- endmacro %}

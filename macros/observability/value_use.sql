{#-
  What becomes of a value of a raw column: `usable`, `repaired` (usable, but not written as the published files write it) or `unusable`; null
  where none is given. A state is looked up by the caller, in `states`.
-#}
{% macro value_use(kind, expression, loaded_on) -%}
    {%- set readings = {
        'uei': (valid_uei(expression), '[A-Z0-9]*'),
        'duns': (valid_duns(expression), '[0-9]{9}'),
        'zip': (zip5(expression), '[0-9]{5}(?:-?[0-9]{4})?'),
        'state': ('states.state_code', '[A-Za-z ]*'),
        'date': (parse_date(expression, loaded_on), plain_dates()),
        'end_date': (parse_date(expression, loaded_on, last_year=2100), plain_dates()),
        'year': (parse_year(expression, loaded_on), '[0-9]{4}(?:[.]0*)?'),
        'amount': (parse_amount(expression), '-?[$]?[0-9,]*(?:[.][0-9]*)?'),
        'whole_number': (parse_whole_number(expression), '[0-9,]*(?:[.]0*)?'),
    } -%}
    case
        when {{ expression }} is null then null
        when {{ readings[kind][0] }} is null then case when {{ is_given(expression) }} then 'unusable' end
        when {{ regex_matches(expression, readings[kind][1]) }} then 'usable'
        else 'repaired'
    end
{%- endmacro %}

{#- The forms of dates in the published files. -#}
{% macro plain_dates() -%}
    {{ return('[1-9][0-9]{3}-[0-9]{2}-[0-9]{2}.*|[0-9]{1,2}[-/][0-9]{1,2}[-/][1-9][0-9]{3}|[A-Z][a-z]+ [0-9]{1,2}, [0-9]{4}') }}
{%- endmacro %}

{#-
  A value for people to see. What could be a name, an address or a telephone number in the wrong column, or what a terminal would
  obey, is only pointed to.
-#}
{% macro value_to_show(value, row_number) -%}
    case
        when
            {{ regex_matches(value, '[^@\\p{C}]{0,29}[0-9][^@\\p{C}]{0,29}|[^@\\p{C}]{1,3}') }}
            and not {{ regex_contains(value, '[A-Za-z]{2}.*[ ,].*[A-Za-z]{2}|[0-9]{3}\\D{0,2}[0-9]{3}\\D?[0-9]{4}|[0-9]{3}-[0-9]{2}-[0-9]{4}') }}
            then {{ value }}
        else 'in record ' || {{ row_number }}
    end
{%- endmacro %}

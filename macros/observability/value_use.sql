{#-
  What becomes of a value of a raw column: `usable`, `repaired` (usable, but not written as the published files write it) or `unusable`; null
  where none is given.
-#}
{% macro value_use(form, given, staged) -%}
    {%- set forms = {
        'uei': '[A-Z0-9]*',
        'duns': '[0-9]{9}',
        'zip': '[0-9]{5}(?:-?[0-9]{4})?',
        'state': '[A-Za-z ]*',
        'date': '[1-9][0-9]{3}-[0-9]{2}-[0-9]{2}.*|[0-9]{1,2}[-/][0-9]{1,2}[-/][1-9][0-9]{3}|[A-Z][a-z]+ [0-9]{1,2}, [0-9]{4}',
        'year': '[0-9]{4}(?:[.]0*)?',
        'amount': '-?[$]?[0-9,]*(?:[.][0-9]*)?',
        'whole_number': '[0-9,]*(?:[.]0*)?',
    } -%}
    case
        when {{ given }} is null then null
        when {{ staged }} is null then case when {{ is_given(given) }} then 'unusable' end
        when {{ regex_matches(given, forms[form]) }} then 'usable'
        else 'repaired'
    end
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

{#-
  One spelling for the award number that SBIR.gov and USAspending write differently: upper case, letters and digits only, then
  the form that USAspending keeps for the grants of each agency:
    HHS   `1R43CA107764-01A1`, `1 R43 CA07764-1,` → `R43CA107764`, `R43CA007764` (type, year and amendment dropped;
          N43 and N44 are contracts)
    NSF   `IIP-1234567`, `1234567`, `1234567.0`   → `1234567`
    DOE, USDA, NASA, contracts                    → without dashes: `DESC0015787`, `20173361026788`, `80NSSC18P2138`
  Null where nothing is left.
-#}
{% macro canonical_award_key(award_number, agency_code) -%}
    {%- set number = regex_replace('upper(trim(' ~ award_number ~ '))', '^([0-9]+)[.]0+$', '\\1') -%}
    {%- set compact = regex_replace(number, '[^A-Z0-9]') -%}
    {%- set dashed = regex_replace(number, '[^A-Z0-9-]') -%}
    {%- set grant = '^[1-9]?([A-MO-Z][0-9A-Z][0-9][A-Z]{2})([0-9]{5,6})(?:-[0-9A-Z]*|[0-9]{2}(?:[AS][0-9])*)?$' -%}
    {%- set science_grant = regex_capture(compact, '^[A-Z]{0,4}([0-9]{7})$') -%}
    nullif(case
        when {{ agency_code }} = 'HHS' and {{ regex_capture(dashed, grant, 2) }} <> ''
            then {{ regex_capture(dashed, grant, 1) }} || lpad({{ regex_capture(dashed, grant, 2) }}, 6, '0')
        when {{ agency_code }} = 'NSF' and {{ science_grant }} <> '' then {{ science_grant }}
        else {{ compact }}
    end, '')
{%- endmacro %}

{#-
  An award number without what names one of its modifications: `MOD 3`, `Amendment 0002`, `P00004`. A serial number looks like the last
  (`HSCEDM-15-P00084`), so at least ten characters must be left, or the thirteen of a defense contract, of which the ninth is a letter.
-#}
{% macro without_modification(award_number) -%}
    {%- set number = 'upper(trim(' ~ award_number ~ '))' -%}
    {%- set named = '(?:MOD(?:IFICATION)?|AMEND(?:MENT)?|AMD)[ .:#-]*(?:NO[ .:#-]*)?[A-Z]{0,2}[0-9]{1,6}' -%}
    {%- set rest = regex_capture(number, '^(.*[A-Z0-9])[ ,;:/()-]+(?:' ~ named ~ '|[PA][0-9]{5})[ )]*$') -%}
    {%- set letters = regex_replace(number, '[^A-Z0-9]') -%}
    case
        when length({{ regex_replace(rest, '[^A-Z0-9]') }}) >= 10 then {{ rest }}
        when {{ regex_matches(letters, '[A-Z0-9]{6}[0-9]{2}[A-Z][A-Z0-9]{4}[PA]0[0-9]{4}') }} then left({{ letters }}, 13)
        else {{ number }}
    end
{%- endmacro %}

{#-
  A canonical award number, or null where it names no award: it is short (`72`), has no digit (`NA`, `TBD`), or is a placeholder
  (`0000000`, `123456789`, `TBD2019`).
-#}
{% macro award_number_or_null(key) -%}
    case
        when length({{ key }}) < {{ threshold('min_award_number_length') }} or not {{ regex_contains(key, '[0-9]') }} then null
        when replace({{ key }}, left({{ key }}, 1), '') = '' or {{ regex_matches(key, '0+[0-9]|123456(?:78|789|7890)?') }} then null
        when {{ regex_matches(key, '(?:NA|NONE|TBD|TBA|UNKNOWN|PENDING|VARIOUS|MULTIPLE|SEE[A-Z]*|NOT[A-Z]*|X+)[0-9]*') }} then null
        else {{ key }}
    end
{%- endmacro %}

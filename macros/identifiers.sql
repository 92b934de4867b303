{#- A UEI as SAM.gov issues it: 12 of A–Z and 0–9 without O and I, no leading 0; else null. -#}
{% macro valid_uei(expression) -%}
    case
        when {{ regex_matches('upper(trim(' ~ expression ~ '))', '[A-HJ-NP-Z1-9][A-HJ-NP-Z0-9]{11}') }}
            then upper(trim({{ expression }}))
    end
{%- endmacro %}

{#-
  The nine digits of a DUNS: 7 and 8 digits lost their leading zeros, 13 carry the +4 suffix. Placeholders
  (all digits alike, runs) and every other length are refused: null. Most have nine digits and need no cleaning.
-#}
{% macro valid_duns(expression) -%}
    {%- set digits = regex_replace(regex_replace('trim(' ~ expression ~ ')', '[.]0+$'), '[- ]') -%}
    {%- set nine = 'case when ' ~ regex_matches(expression, '[0-9]{9}') ~ ' then ' ~ expression
        ~ ' when ' ~ regex_matches(digits, '[0-9]{7,9}|[0-9]{13}') ~ ' then lpad(left(' ~ digits ~ ", 9), 9, '0') end" -%}
    case
        when replace({{ nine }}, left({{ nine }}, 1), '') = '' then null
        when {{ nine }} in ('012345678', '123456789', '234567890', '987654321', '876543210', '098765432') then null
        else {{ nine }}
    end
{%- endmacro %}

{#- The first five digits of a ZIP code; a four-digit code lost its leading zero. -#}
{% macro zip5(expression) -%}
    {%- set digits = regex_capture('trim(' ~ expression ~ ')', '^([0-9]{4,5})(?:[^0-9]|$|[0-9]{4}$)') -%}
    nullif(nullif(lpad({{ digits }}, 5, '0'), '00000'), '')
{%- endmacro %}

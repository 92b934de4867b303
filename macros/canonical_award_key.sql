{#-
  One spelling for the award number that SBIR.gov and USAspending write differently: upper case, letters and digits only, then
  the form that USAspending keeps for the grants of each agency:
    HHS   `1R43CA107764-01A1`, `1 R43 CA07764-1,` → `R43CA107764`, `R43CA007764` (type, year and amendment dropped;
          N43 and N44 are contracts)
    NSF   `IIP-1234567`, `1234567`                → `1234567`
    DOE, USDA, NASA, contracts                    → without dashes: `DESC0015787`, `20173361026788`, `80NSSC18P2138`
  Null where nothing is left.
-#}
{% macro canonical_award_key(award_number, agency_code) -%}
    {%- set compact = regex_replace("upper(trim(" ~ award_number ~ "))", '[^A-Z0-9]') -%}
    {%- set dashed = regex_replace("upper(trim(" ~ award_number ~ "))", '[^A-Z0-9-]') -%}
    {%- set grant = '^[1-9]?([A-MO-Z][0-9A-Z][0-9][A-Z]{2})([0-9]{5,6})(?:-[0-9A-Z]*|[0-9]{2}(?:[AS][0-9])*)?$' -%}
    {%- set science_grant = regex_capture(compact, '^[A-Z]{0,4}([0-9]{7})$') -%}
    nullif(case
        when {{ agency_code }} = 'HHS' and {{ regex_capture(dashed, grant, 2) }} <> ''
            then {{ regex_capture(dashed, grant, 1) }} || lpad({{ regex_capture(dashed, grant, 2) }}, 6, '0')
        when {{ agency_code }} = 'NSF' and {{ science_grant }} <> '' then {{ science_grant }}
        else {{ compact }}
    end, '')
{%- endmacro %}

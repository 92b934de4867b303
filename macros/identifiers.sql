{#-
  A UEI as SAM.gov issues it: 12 of A–Z and 0–9 without O and I, no leading 0; else null. Quotes, blanks and dashes are not part of it.
  One character repeated is a placeholder. Most UEIs need no cleaning.
-#}
{% macro valid_uei(expression) -%}
    {%- set characters = '[A-HJ-NP-Z1-9][A-HJ-NP-Z0-9]{11}' -%}
    {%- set cleaned = regex_capture(letters_and_digits(expression), '^(?:(?:SAM)?UEI)?(' ~ characters ~ ')$') -%}
    {%- set twelve = 'case when ' ~ regex_matches(expression, characters) ~ ' then ' ~ expression ~ ' else ' ~ cleaned ~ ' end' -%}
    case when replace({{ twelve }}, left({{ twelve }}, 1), '') <> '' then {{ twelve }} end
{%- endmacro %}

{#-
  The nine digits of a DUNS: 5 to 8 digits lost their leading zeros, 13 carry the +4 suffix. Quotes, blanks, dashes and a trailing `.0`
  are not part of it. Placeholders (all digits alike, runs) and every other length are refused: null. Most have nine digits and need
  no cleaning.
-#}
{% macro valid_duns(expression) -%}
    {%- set placeholders = '0+|1+|2+|3+|4+|5+|6+|7+|8+|9+|0?12345678|123456789|234567890|987654321|876543210|0?98765432' -%}
    {%- set digits = regex_capture(replace_in_turn(letters_and_digits(without_quotes(expression), '.+'), [
        ('^DUNS(?:NUMBER|NO)?[.]?|[.]0*$', ''), ('^([0-9]{9})[0-9]{4}$', '\\1'), ('^(?:' ~ placeholders ~ ')$', ''),
    ]), '^([0-9]{5,9})$') -%}
    case
        when {{ regex_matches(expression, '[0-9]{9}') }} and not {{ regex_matches(expression, placeholders) }} then {{ expression }}
        else lpad(nullif({{ digits }}, ''), 9, '0')
    end
{%- endmacro %}

{#-
  The first five digits of a ZIP code. Four digits lost one leading zero; three lost two, as 00501, 00544 and those
  from 00600 up do. Most need no cleaning.
-#}
{% macro zip5(expression) -%}
    {%- set last_four = '(?:[ -]*[0-9]{4})?(?:[.]0*)?' -%}
    {%- set digits = regex_capture(without_quotes(expression), '^([0-9]{5})(?:' ~ last_four ~ '|[^0-9A-Za-z.].*)$') ~ ' || '
        ~ regex_capture(without_quotes(expression), '^([0-9]{4}|501|544|[6-9][0-9]{2})[^0-9A-Za-z.]*' ~ last_four ~ '$') -%}
    {%- set five = 'case when ' ~ regex_matches(expression, '[0-9]{5}') ~ ' then ' ~ expression
        ~ ' else lpad(nullif(' ~ digits ~ ", ''), 5, '0') end" -%}
    case when {{ five }} not in ('00000', '99999') then {{ five }} end
{%- endmacro %}

{#- A state as it is looked up among the spellings of the seed `states`: `Mass.` is MASS, `US-MA` and `MA - Massachusetts` are MA. -#}
{% macro state_spelling(expression) -%}
    {%- set steps = [('^US-|[.]', ''), ('^([A-Z]{2})(?: [-–] | ?[:(/,] ?)[A-Z ]+[)]?$|^[A-Z ]+ ?[(]([A-Z]{2})[)]$', '\\1\\2'), ('[^A-Z]+', ' ')] -%}
    case
        when {{ regex_matches(expression, '[A-Z]{2}') }} then {{ expression }}
        else trim({{ replace_in_turn('upper(' ~ without_quotes(expression) ~ ')', steps) }})
    end
{%- endmacro %}

{#- The letters and digits of a text, in upper case, and whichever other characters are named. -#}
{% macro letters_and_digits(expression, others='') -%}
    {{ regex_replace('upper(' ~ expression ~ ')', '[^A-Z0-9' ~ others ~ ']') }}
{%- endmacro %}

{#-
  A value without what a file puts around it: quotes of any kind, Excel's `="…"`, a leading apostrophe, blanks and characters that
  nobody sees.
-#}
{% macro without_quotes(expression) -%}
    {%- set around = '[\\s\\p{Z}\\p{C}="`´‘’‚‛“”„‟′″«»' ~ "''" ~ ']+' -%}
    {{ regex_replace(expression, '^' ~ around ~ '|' ~ around ~ '$') }}
{%- endmacro %}

{#- Whether a value that cannot be used was given at all: `N/A`, `NULL`, `-` and the like say that there is none. -#}
{% macro is_given(expression) -%}
    not {{ regex_matches(
        letters_and_digits(expression),
        '|NA|NULL|NONE|NAN|NAT|NIL|UNKNOWN|UNK|TBD|NOT(?:AVAILABLE|APPLICABLE|PROVIDED|REPORTED|GIVEN)|UNAVAILABLE|BLANK|MISSING'
    ) }}
{%- endmacro %}

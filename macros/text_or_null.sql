{#-
  Text as it was meant, without outer and repeated white space and without what nobody sees: control characters, zero-width ones and those
  that turn the direction of writing. Null where nothing is left. Looking for what needs cleaning costs half of cleaning.
-#}
{% macro text_or_null(expression) -%}
    {#- Control characters that are no white space, and format characters. -#}
    {%- set unseen = '[^\\P{Cc}\\t\\n\\x0B\\f\\r\\x85]|\\p{Cf}' -%}
    {%- set blanks = '[\\s\\p{Z}\\x0B\\x85]+' -%}
    case
        when {{ regex_contains(expression, garbled_text()) }}
            then case
                when not {{ regex_matches(expression, '(?i)(?:&nbsp;|&#(?:160|8203);|_x000[D9A]_|ï»¿|Â?[\\s\\p{Z}\\p{C}])*') }}
                    then trim({{ replace_in_turn(decoded_text(expression), [(unseen, ''), (blanks, ' ')]) }})
            end
        when {{ regex_contains(expression, '^$|^ | $|\\s\\s|[\\p{Cc}\\p{Cf}]|[^\\P{Z} ]') }}
            then nullif(trim({{ replace_in_turn(expression, [(unseen, ''), (blanks, ' ')]) }}), '')
        else {{ expression }}
    end
{%- endmacro %}

{#-
  Text without outer and repeated white space and without what nobody sees: control characters, zero-width ones and those that turn the
  direction of writing. Null where nothing is left. Looking for what needs cleaning costs half of cleaning.
-#}
{% macro text_or_null(expression) -%}
    case
        when {{ regex_contains(expression, '^$|^ | $|\\s\\s|[\\p{Cc}\\p{Cf}]|[^\\P{Z} ]') }}
            then nullif({{ without_unseen(expression) }}, '')
        else {{ expression }}
    end
{%- endmacro %}

{#- The same for names and titles, as they were meant: escaped, misread or quoted letters are decoded (`decoded_text`). -#}
{% macro decoded_text_or_null(expression) -%}
    case
        when {{ regex_contains(expression, garbled_text()) }}
            then case
                when not {{ regex_matches(expression, '(?i)(?:&nbsp;|&#160;|_x000[D9A]_|\\s)*') }}
                    then nullif({{ without_unseen(decoded_text(expression)) }}, '')
            end
        else {{ text_or_null(expression) }}
    end
{%- endmacro %}

{% macro without_unseen(expression) -%}
    {#- Control characters that are no white space, and format characters. -#}
    {%- set unseen = '[^\\P{Cc}\\t\\n\\x0B\\f\\r\\x85]|\\p{Cf}' -%}
    trim({{ replace_in_turn(expression, [(unseen, ''), ('[\\s\\p{Z}\\x0B\\x85]+', ' ')]) }})
{%- endmacro %}

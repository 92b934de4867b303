{#-
  Text without outer and repeated white space and without what nobody sees: control characters, zero-width ones and those that
  turn the direction of writing. Null where nothing is left. Looking for them first costs half of replacing them.
-#}
{% macro text_or_null(expression) -%}
    {#- Control characters that are no white space, and format characters. -#}
    {%- set visible = regex_replace(expression, '[^\\P{Cc}\\t\\n\\x0B\\f\\r\\x85]|\\p{Cf}') -%}
    nullif(trim(case
        when {{ regex_contains(expression, '\\s\\s|[\\p{Cc}\\p{Cf}]') }} then {{ regex_replace(visible, '[\\s\\x0B\\x85]+', ' ') }}
        else {{ expression }}
    end), '')
{%- endmacro %}

{#-
  Text without outer and repeated white space; null where nothing is left. Looking for such white space first costs half of
  replacing it.
-#}
{% macro text_or_null(expression) -%}
    nullif(trim(case
        when {{ regex_contains(expression, '\\s\\s|[\\t\\n\\f\\r]') }} then {{ regex_replace(expression, '\\s+', ' ') }}
        else {{ expression }}
    end), '')
{%- endmacro %}

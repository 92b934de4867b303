{#-
  A recipient's hash in 48 bits: among millions of recipients two have the same once in some 85 million questions. The hash is the text of an
  md5, with or without hyphens, whose beginning is such a number; of any other text an md5 is taken, which costs more.
-#}
{% macro recipient_code(recipient_hash) -%}
    {{ return(adapter.dispatch('recipient_code')(recipient_hash)) }}
{%- endmacro %}

{% macro duckdb__recipient_code(recipient_hash) -%}
    coalesce(
        try_cast('0x' || left(replace({{ recipient_hash }}, '-', ''), 12) as bigint),
        cast('0x' || left(md5({{ recipient_hash }}), 12) as bigint)
    )
{%- endmacro %}

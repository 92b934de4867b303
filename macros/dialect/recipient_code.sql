{#- A recipient's hash in 48 bits: among millions of recipients two have the same one once in a hundred million comparisons. -#}
{% macro recipient_code(recipient_hash) -%}
    {{ return(adapter.dispatch('recipient_code')(recipient_hash)) }}
{%- endmacro %}

{% macro duckdb__recipient_code(recipient_hash) -%}
    cast(md5_number_upper({{ recipient_hash }}) >> 16 as bigint)
{%- endmacro %}

{#- A query for one text that changes with any value of a relation, whatever the order of its rows. -#}
{% macro content_fingerprint(relation, column='fingerprint') -%}
    {{ return(adapter.dispatch('content_fingerprint')(relation, column)) }}
{%- endmacro %}

{% macro duckdb__content_fingerprint(relation, column) -%}
    select concat_ws(' ', count(*), sum(cast(hash(contents) as hugeint)), bit_xor(hash(contents))) as {{ column }} from {{ relation }} as contents
{%- endmacro %}

{#- An expression for the version of what models call: the engine and the UDFs. -#}
{% macro code_version() -%}
    {{ return(adapter.dispatch('code_version')()) }}
{%- endmacro %}

{% macro duckdb__code_version() -%}
    version() || ' ' || similarity_version()
{%- endmacro %}

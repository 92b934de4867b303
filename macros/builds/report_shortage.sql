{#- Where a model ran out of memory: which setting gives it more. -#}
{% macro report_shortage(results) -%}
    {%- for result in results if 'Out of Memory Error' in (result.message or '') -%}
        {%- do log(
            result.node.name ~ ' did not get by with ' ~ env_var('SBIR_MEMORY_LIMIT', '2GB')
            ~ ' of memory. Give more, for example: SBIR_MEMORY_LIMIT=4GB', info=true
        ) -%}
    {%- endfor -%}
{%- endmacro %}

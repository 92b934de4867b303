{#- Where a model ran out of memory or disk: what gives it more. -#}
{% macro report_shortage(results) -%}
    {%- for result in results if 'Out of Memory Error' in (result.message or '') -%}
        {%- do log(
            result.node.name ~ ' did not get by with ' ~ env_var('SBIR_MEMORY_LIMIT', '2GB')
            ~ ' of memory. Give more, for example: SBIR_MEMORY_LIMIT=4GB', info=true
        ) -%}
    {%- endfor -%}
    {%- set no_room = modules.re.compile('Could not write|No space left|File too large|quota exceeded') -%}
    {%- for result in results if no_room.search(result.message or '') -%}
        {%- if loop.first -%}
            {%- do log('The disk of ' ~ target.path ~ ' is full. Make room there, and run the same command again', info=true) -%}
        {%- endif -%}
    {%- endfor -%}
{%- endmacro %}

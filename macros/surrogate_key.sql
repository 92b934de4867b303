{#- md5 over the given columns. A unit separator and a mark for null keep ('a', null) and (null, 'a') apart. -#}
{% macro surrogate_key(columns) -%}
    md5(concat_ws(chr(31)
        {%- for column in columns %}, coalesce(trim(cast({{ column }} as varchar)), chr(30)){% endfor -%}
    ))
{%- endmacro %}

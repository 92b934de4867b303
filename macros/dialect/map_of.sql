{#- An aggregate: a map from key to value over the rows of a group, in order of the key. -#}
{% macro map_of(key, value) -%}
    {{ return(adapter.dispatch('map_of')(key, value)) }}
{%- endmacro %}

{% macro duckdb__map_of(key, value) -%}
    map(list({{ key }} order by {{ key }}), list({{ value }} order by {{ key }}))
{%- endmacro %}

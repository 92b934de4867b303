{#- Letters of a text in upper case without accents, strokes and ligatures: É becomes E, Ø becomes O, Æ becomes AE. -#}
{% macro without_accents(expression) -%}
    {{ return(adapter.dispatch('without_accents')(expression)) }}
{%- endmacro %}

{% macro duckdb__without_accents(expression) -%}
    replace(replace(replace(translate(strip_accents({{ expression }}), 'ØŁĐ', 'OLD'), 'ß', 'SS'), 'Æ', 'AE'), 'Œ', 'OE')
{%- endmacro %}

{#- Letters of a text in upper case without accents, strokes and ligatures: É becomes E, Ø becomes O, Æ becomes AE. Most texts have as many bytes as letters, so none. -#}
{% macro without_accents(expression) -%}
    {{ return(adapter.dispatch('without_accents')(expression)) }}
{%- endmacro %}

{% macro duckdb__without_accents(expression) -%}
    case
        when strlen({{ expression }}) = length({{ expression }}) then {{ expression }}
        else replace(replace(replace(translate(strip_accents({{ expression }}), 'ØŁĐ', 'OLD'), 'ß', 'SS'), 'Æ', 'AE'), 'Œ', 'OE')
    end
{%- endmacro %}

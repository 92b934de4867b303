{#-
  Letters and digits of a text in upper case as A–Z and 0–9, without accents, strokes and ligatures: É becomes E, Ø becomes O, Æ becomes AE,
  ﬁ becomes FI, a wide or raised ２ becomes 2. Most texts have as many bytes as letters, so none of these.
-#}
{% macro without_accents(expression) -%}
    {{ return(adapter.dispatch('without_accents')(expression)) }}
{%- endmacro %}

{% macro duckdb__without_accents(expression) -%}
    {%- set wide = 'ＡＢＣＤＥＦＧＨＩＪＫＬＭＮＯＰＱＲＳＴＵＶＷＸＹＺ０１２３４５６７８９＆＋（）．，－／＇　' -%}
    {%- set plain = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789&+().,-/'' " -%}
    {%- set spelled_out = {
        'ß': 'SS', 'ẞ': 'SS', 'Æ': 'AE', 'Œ': 'OE', 'Þ': 'TH', 'ﬀ': 'FF', 'ﬁ': 'FI', 'ﬂ': 'FL', 'ﬃ': 'FFI', 'ﬄ': 'FFL', 'ﬅ': 'ST', 'ﬆ': 'ST',
        'Ĳ': 'IJ', 'Ⅻ': 'XII', 'Ⅺ': 'XI', 'Ⅸ': 'IX', 'Ⅷ': 'VIII', 'Ⅶ': 'VII', 'Ⅵ': 'VI', 'Ⅳ': 'IV', 'Ⅲ': 'III', 'Ⅱ': 'II',
    } -%}
    {%- set letters = "translate(strip_accents(" ~ expression ~ "), 'ØŁĐÐĦŦŊıⅠⅤⅩ⁰¹²³⁴⁵⁶⁷⁸⁹₀₁₂₃₄₅₆₇₈₉" ~ wide
        ~ "', 'OLDDHTNIIVX01234567890123456789" ~ plain ~ "')" -%}
    {%- set longer = spelled_out | join -%}
    case
        when strlen({{ expression }}) = length({{ expression }}) then {{ expression }}
        else array_to_string(list_transform(
            regexp_extract_all({{ letters }}, '[{{ longer }}]|[^{{ longer }}]+'),
            lambda part: case part
                {%- for letter, spelling in spelled_out.items() %}
                when '{{ letter }}' then '{{ spelling }}'
                {%- endfor %}
                else part
            end
        ), '')
    end
{%- endmacro %}

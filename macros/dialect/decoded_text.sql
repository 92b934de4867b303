{#-
  A text as its author wrote it, where it went through a web page (`AT&amp;T`, also escaped twice), through Excel (`_x000D_`, `="…"`) or was read in
  the wrong encoding (UTF-8 as Windows-1252: `Ã©`, `â€™`). Meant for the few texts in which `garbled_text` finds something.
-#}
{% macro decoded_text(expression) -%}
    {{ return(adapter.dispatch('decoded_text')(expression)) }}
{%- endmacro %}

{#- Regular expression of what `decoded_text` decodes. Texts that say what they mean have none of it: `SÃO`, `AT&T;`, `Smith & Sons; Co`. -#}
{% macro garbled_text() -%}
    {{ return('^="|' ~ escaped_character() ~ '|' ~ misread_letter()) }}
{%- endmacro %}

{% macro escaped_character() -%}
    {{ return('&#[xX]?[0-9A-Fa-f]{1,7};|&[A-Za-z]{2,8}[0-9]{0,2};|_x[0-9A-Fa-f]{4}_') }}
{%- endmacro %}

{#-
  What Windows-1252 shows for a letter of two or three bytes in UTF-8; where it has no character, a text has the control character of the same
  number. A closing quote may have lost its last byte. Good texts have other characters after these letters, but may have a trademark sign or an
  apostrophe after Ä and Å.
-#}
{% macro misread_letter() -%}
    {%- set later_bytes = '\\x{80}-\\x{BF}' ~ windows_1252() | replace(' ', '') -%}
    {{ return(
        'Â[\\x{A0}-\\x{BF}]|Ã[' ~ later_bytes ~ ']|[ÄÅ][' ~ later_bytes | replace('-\\x{BF}', '-\\x{AD}\\x{AF}-\\x{BF}') | replace('’', '') | replace('™', '')
        ~ ']|[âÂ][€„][' ~ later_bytes ~ ']|[âÂ]€|ï»¿'
    ) }}
{%- endmacro %}

{#- The characters of Windows-1252 for the bytes from 0x80 to 0x9F, a blank where it has none. -#}
{% macro windows_1252() -%}
    {{ return('€ ‚ƒ„…†‡ˆ‰Š‹Œ Ž  ‘’“”•–—˜™š›œ žŸ') }}
{%- endmacro %}

{% macro duckdb__decoded_text(expression) -%}
    {#- Characters and accents, each after its name in HTML; an accent's follows the letter that bears it: `&eacute;`. -#}
    {%- set characters = " lt:< gt:> quot:\" apos:'' nbsp:  ensp:  emsp:  thinsp:  ndash:– mdash:— lsquo:‘ rsquo:’ sbquo:‚ ldquo:“ rdquo:” bdquo:„"
        ~ " prime:′ hellip:… bull:• middot:· trade:™ reg:® copy:© deg:° sect:§ laquo:« raquo:» frac12:½ sup1:¹ sup2:² sup3:³ times:× plusmn:± micro:µ"
        ~ " ordf:ª ordm:º cent:¢ pound:£ euro:€ szlig:ß aelig:æ oelig:œ oslash:ø eth:ð thorn:þ lowbar:_ commat:@ num:# lpar:( rpar:) comma:, plus:+" -%}
    {%- set accents = ' grave:\u0300 acute:\u0301 circ:\u0302 tilde:\u0303 uml:\u0308 ring:\u030a caron:\u030c cedil:\u0327' -%}
    {%- set character_place = "strpos('" ~ characters ~ "', ' ' || lower(part[2:-2]) || ':')" -%}
    {%- set accent_place = "strpos('" ~ accents ~ "', ' ' || lower(part[3:-2]) || ':')" -%}
    {%- set number = "try_cast(replace(lower(regexp_extract(part, '^(?:&#|_)([xX]?[0-9A-Fa-f]+)', 1)), 'x', '0x') as integer)" -%}
    {#- A byte after the first has six bits of the letter, and so have these characters of ASCII. -#}
    {%- set bits = "unicode(translate(part[{}], '" ~ windows_1252() ~ "', '@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_')) % 64" -%}
    array_to_string(list_transform(
        regexp_extract_all(
            {{ replace_in_turn(expression, [
                ('^="(.*)"$', '\\1'), ('(?i)&(?:amp;|#0*38;|#x0*26;)+', '&'), ('Ã¢â‚¬â„¢', '’'), ('ÃƒÂ', 'Ã'), ('Ã‚Â', 'Â'),
            ]) }},
            '{{ escaped_character() }}|{{ misread_letter() }}|[^&_âÂÃÄÅï]+|.'
        ),
        lambda part: case
            when not {{ regex_contains('part', '^&.+;$|^_x.{4}_$|^[âÂÃÄÅï].') }} then part
            when part = 'ï»¿' then ''
            when part in ('â€', 'Â€') then '”'
            when length(part) = 3 and part[1] in ('â', 'Â') then chr(8192 + 64 * ({{ bits.format(2) }}) + {{ bits.format(3) }})
            when part[1] not in ('&', '_') then chr(64 * (unicode(part) % 32) + {{ bits.format(2) }})
            when {{ number }} between 128 and 159 then substr('{{ windows_1252() }}', {{ number }} - 127, 1)
            when {{ number }} between 9 and 55295 or {{ number }} between 57344 and 1114111 then chr({{ number }})
            when {{ character_place }} > 0
                then substr(
                    case when lower(part[2]) = part[2] then '{{ characters }}' else upper('{{ characters }}') end,
                    {{ character_place }} + length(part), 1
                )
            when {{ accent_place }} > 0 then nfc_normalize(part[2] || substr('{{ accents }}', {{ accent_place }} + length(part) - 1, 1))
            else part
        end
    ), '')
{%- endmacro %}

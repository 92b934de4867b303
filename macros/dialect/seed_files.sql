{#-
  dbt-duckdb has DuckDB guess how a seed is quoted, so one unclosed quote changes how all of its records are read. Quoting is fixed here;
  assert_seeds_readable refuses what does not follow it. strict_mode would also refuse mixed line ends.
-#}
{% macro duckdb__load_csv_rows(model, agate_table) -%}
    {%- set sql -%}
        copy {{ this }} from '{{ adapter.get_seed_file_path(model) | replace("'", "''") }}'
        (format csv, header true, auto_detect false, delimiter ',', quote '"', escape '"', strict_mode false)
    {%- endset -%}
    {%- do adapter.add_query(sql, abridge_sql_log=True) -%}
    {{ return(sql) }}
{%- endmacro %}

{#- A query for the first record of a CSV file that has unpaired quotes or another number of cells than the header; no row if all are well formed. -#}
{% macro malformed_record(path, file_name) -%}
    {{ return(adapter.dispatch('malformed_record')(path, file_name)) }}
{%- endmacro %}

{% macro duckdb__malformed_record(path, file_name) -%}
    {%- set cell = '(?:"(?:[^"]|"")*"|[^",\\r\\n][^,\\r\\n]*|)' %}
    select
        '{{ file_name }}' as file_name,
        columns,
        1 + length(well_formed) - length(replace(well_formed, chr(10), '')) as line
    from (
        select
            content,
            columns,
            regexp_extract(
                content,
                '^\x{FEFF}?(?:[\r\n]+|{{ cell }}(?:,{{ cell }}){' || columns - 1 || '}(?:\r\n|\r|\n|\z))*'
            ) as well_formed
        from (
            select
                content,
                len(string_split(regexp_extract(content, '^[^\r\n]*'), ',')) as columns
            from read_text('{{ path | replace("'", "''") }}')
        ) as files
    ) as records
    where well_formed <> content
{%- endmacro %}

{#- Before seeds are loaded: a malformed one ends the command in one line, while all tables are still as they were. -#}
{% macro assert_seeds_readable() -%}
    {%- if execute and flags.WHICH in ('build', 'seed') -%}
        {%- set queries = [] -%}
        {%- for seed in graph.nodes.values() if seed.resource_type == 'seed' -%}
            {%- do queries.append(malformed_record(adapter.get_seed_file_path(seed), seed.original_file_path)) -%}
        {%- endfor -%}
        {%- for row in run_query(queries | join('\nunion all\n') ~ '\norder by file_name limit 1') -%}
            {{ exceptions.raise_database_error(
                row['file_name'] ~ ' line ' ~ row['line'] ~ ': the record that begins here has unpaired quotes or other than '
                ~ row['columns'] ~ ' cells. Correct it'
            ) }}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}

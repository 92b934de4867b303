{#- Post-hook of unusable_values: a line for each column of which a value could not be used, or only after a repair. -#}
{% macro report_unusable_values() -%}
    {%- if execute and flags.WHICH in ('build', 'run') -%}
        {%- set rows = run_query('select * from ' ~ this ~ ' where usable < given or repaired > 0 order by input, usable - given') -%}
        {%- for row in rows -%}
            {%- set names = {'duns': 'DUNS', 'uei': 'UEI', 'zip': 'ZIP'} -%}
            {%- set parts = ['{:,} given, {:,} usable'.format(row['given'], row['usable'])] -%}
            {%- if row['repaired'] -%}{%- do parts.append('{:,} of them repaired'.format(row['repaired'])) -%}{%- endif -%}
            {%- do log(
                'Values of ' ~ row['input'] ~ ', ' ~ names.get(row['column'], row['column']) ~ ': ' ~ parts | join(', ')
                ~ ('; first unusable: ' ~ row['first_unusable'] if row['first_unusable'] is not none else ''), info=true
            ) -%}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}

{#-
  Counts what becomes of the values of raw columns, in one pass over each input: renders the CTE `value_counts`, one row per input and column.
  `columns` gives the form of each column (see `value_use`) and the column that staging makes of it, by input and column. The inputs are CTEs of
  their names, what staging makes of them CTEs named `staged_…`.
-#}
{% macro count_values(columns) -%}
    {% for input, kinds in columns.items() -%}
    judged_{{ input }} as (

        select
            {{ input }}._row_number,
            {%- for column, (form, staged_column) in kinds.items() %}
            {{ input }}.{{ column }},
            {{ value_use(form, input ~ '.' ~ column, 'staged_' ~ input ~ '.' ~ staged_column) }} as {{ column }}_use{{ ',' if not loop.last }}
            {%- endfor %}
        from {{ input }}
        inner join staged_{{ input }}
            on {{ input }}._row_number = staged_{{ input }}.source_row_number

    ),

    counted_{{ input }} as (

        select
            {%- for column in kinds %}
            count({{ column }}_use) as {{ column }}_given,
            count(case when {{ column }}_use = 'repaired' then 1 end) as {{ column }}_repaired,
            count(case when {{ column }}_use = 'unusable' then 1 end) as {{ column }}_unusable,
            min(case when {{ column }}_use = 'unusable' then _row_number end) as {{ column }}_row,
            min_by({{ column }}, case when {{ column }}_use = 'unusable' then _row_number end) as {{ column }}_value{{ ',' if not loop.last }}
            {%- endfor %}
        from judged_{{ input }}

    ),

    {% endfor -%}
    value_counts as (
        {% for input, kinds in columns.items() %}
        {%- set is_last_input = loop.last %}
        {%- for column in kinds %}
        select
            '{{ input }}' as input,
            '{{ column }}' as {{ adapter.quote('column') }},
            {{ column }}_given as given,
            {{ column }}_given - {{ column }}_unusable as usable,
            {{ column }}_repaired as repaired,
            {{ value_to_show(column ~ '_value', column ~ '_row') }} as first_unusable
        from counted_{{ input }}
        {%- if not (loop.last and is_last_input) %}
        union all
        {%- endif %}
        {%- endfor %}
        {%- endfor %}
    )
{%- endmacro %}

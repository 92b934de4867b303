{#-
  Stops a model whose new table breaks a constraint of it, before anything reads the table; the one that stood before stays. Constraints of
  DuckDB itself would hold an index in memory for each key.
-#}
{% macro assert_constraints_hold(relation, node) -%}
    {%- set questions = constraint_questions(relation, node) -%}
    {%- set answers = run_query(questions | join('\nunion all\n')) if questions else [] -%}
    {%- set problems = [] -%}
    {%- for answer in answers if answer['broken'] > 0 -%}
        {%- do problems.append(answer['problem'] ~ ': ' ~ answer['broken'] ~ ', such as ' ~ answer['example']) -%}
    {%- endfor -%}
    {%- if problems -%}
        {%- do exceptions.raise_compiler_error(
            relation.schema ~ '.' ~ relation.identifier ~ ' would break its constraints: ' ~ problems | join('; ')
            ~ '. It is left as it was; what would give these rows: ' ~ node.compiled_path
        ) -%}
    {%- endif -%}
{%- endmacro %}

{#- A query for each constraint of a model: problem, broken (how many keys or rows) and example. -#}
{% macro constraint_questions(relation, node) -%}
    {%- set keys = node.constraints | selectattr('type', 'in', ['primary_key', 'unique']) | map(attribute='columns') | list -%}
    {%- set questions = [] -%}
    {%- for constraint in all_constraints(node) -%}
        {%- if constraint.type == 'foreign_key' -%}
            {%- do questions.append(rows_without_parent(relation, constraint, (keys or [constraint.columns])[0])) -%}
        {%- elif constraint.type in ('primary_key', 'unique', 'not_null') -%}
            {%- if constraint.type != 'not_null' -%}
                {%- do questions.append(repeated_keys(relation, constraint.columns)) -%}
            {%- endif -%}
            {%- if constraint.type != 'unique' -%}
                {%- do questions.append(rows_with_null(relation, constraint.columns, (keys or [constraint.columns])[0])) -%}
            {%- endif -%}
        {%- else -%}
            {%- do exceptions.raise_compiler_error('A constraint is primary_key, unique, not_null or foreign_key, not ' ~ constraint.type) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(questions) }}
{%- endmacro %}

{#- The constraints of a model and of its columns, each with the columns that it is about. -#}
{% macro all_constraints(node) -%}
    {%- set constraints = node.constraints | list -%}
    {%- for column in node.columns.values() -%}
        {%- for constraint in column.constraints -%}
            {%- do constraints.append(dict(constraint, columns=[column.name])) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(constraints) }}
{%- endmacro %}

{#- How many keys occur more than once, and one of them. Null is a value like any other. -#}
{% macro repeated_keys(relation, columns) -%}
    select
        'repeated {{ columns | join(', ') }}' as problem,
        count(*) as broken,
        {{ example_of(columns) }} as example
    from (
        select {{ columns | join(', ') }} from {{ relation }} group by {{ columns | join(', ') }} having count(*) > 1
    ) as repeated
{%- endmacro %}

{#- How many rows have null where they must not, and the key of one of them. -#}
{% macro rows_with_null(relation, columns, key) -%}
    select
        'null in {{ columns | join(', ') }}' as problem,
        count(*) as broken,
        {{ example_of(key) }} as example
    from {{ relation }}
    where {{ columns | join(' is null or ') }} is null
{%- endmacro %}

{#- How many rows point to a row of another table that is not there, and the key of one of them. Null points nowhere. -#}
{% macro rows_without_parent(relation, constraint, key) -%}
    {%- set columns = constraint.columns -%}
    {#- A model that is not built by this command has `ref` in its constraints still. -#}
    {%- set reference = modules.re.fullmatch("ref\\('(\\w+)'\\)", constraint.to) -%}
    {%- set parents = standing_relation(reference.group(1)) | string if reference else constraint.to -%}
    select
        '{{ columns | join(', ') }} not in {{ parents | replace('"', '') }}' as problem,
        count(*) as broken,
        {{ example_of(key) }} as example
    from {{ relation }} as found
    where
        {{ columns | join(' is not null and ') }} is not null
        and not exists (
            select 1 from {{ parents }} as parent
            where {% for column in columns %}{{ 'and ' if not loop.first }}found.{{ column }} = parent.{{ constraint.to_columns[loop.index0] }} {% endfor %}
        )
{%- endmacro %}

{#- One row by its key, no longer than a line; the rest of a row is nobody's business in a log. -#}
{% macro example_of(key) -%}
    left(min(concat_ws(', '{% for column in key %}, coalesce(cast({{ column }} as varchar), 'null'){% endfor %})), 100)
{%- endmacro %}

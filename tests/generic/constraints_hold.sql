{#-
  Keys, nulls and references that break the constraints of a model, as its table stands. Building a table asks the same before anything
  reads it, so `make build` leaves these tests out: they find what was changed afterwards.
-#}
{% test constraints_hold(model) %}
{{ config(tags=['keys']) }}
{%- set node = graph.nodes.values() | selectattr('resource_type', 'equalto', 'model') | selectattr('name', 'equalto', model.identifier) | first if execute %}
select
    problem,
    broken,
    example
from (
    {{ constraint_questions(model, node) | join('\nunion all\n') if execute else "select '' as problem, 0 as broken, '' as example" }}
) as constraints
where broken > 0
{% endtest %}

{#-
  Rows that break a table's grain: a key that occurs more than once, or a null in the key or in another column that is always filled.
  Columns of the key that may be null are named in `nullable`.
-#}
{% test grain(model, columns, nullable=[], never_null=[]) %}
{%- set filled = columns | reject('in', nullable) | list + never_null %}
select
    {{ columns | join(', ') }},
    'more than once' as problem
from {{ model }}
group by {{ columns | join(', ') }}
having count(*) > 1
{%- if filled %}

union all

select
    {{ columns | join(', ') }},
    'null' as problem
from {{ model }}
where {{ filled | join(' is null or ') }} is null
{%- endif %}
{% endtest %}

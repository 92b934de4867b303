{#-
  Rows that break a table's grain: a key that occurs more than once, or a null in the key or in another column that is always filled.
  Columns of the key that may be null are named in `nullable`. Keys are counted by a digest, which costs a third of counting texts;
  only those whose digest repeats are counted themselves.
-#}
{% test grain(model, columns, nullable=[], never_null=[]) %}
{%- set filled = columns | reject('in', nullable) | list + never_null %}
select
    {{ columns | join(', ') }},
    'more than once' as problem
from {{ model }}
where {{ digest_of(columns) }} in (
    select {{ digest_of(columns) }} as digest
    from {{ model }}
    group by digest
    having count(*) > 1
)
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

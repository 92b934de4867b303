{#- Fails where a column does not add up to the number of rows of another relation that meet the condition. -#}
{% test sums_to(model, column, to, condition='true') %}
select totals.total
from (select coalesce(sum({{ column }}), 0) as total from {{ model }}) as totals
where totals.total <> (select count(*) from {{ to }} where {{ condition }})
{% endtest %}

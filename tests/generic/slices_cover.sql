{#- Dimensions whose slices do not add up to the number of rows of a relation that meet the condition. -#}
{% test slices_cover(model, column, to, condition='true') %}
select
    dimension,
    sum({{ column }}) as total
from {{ model }}
group by dimension
having sum({{ column }}) <> (select count(*) from {{ to }} where {{ condition }})
{% endtest %}

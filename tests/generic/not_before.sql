{#- Rows whose date lies before their start. -#}
{% test not_before(model, column_name, start_column) %}
select {{ column_name }}
from {{ model }}
where {{ column_name }} < {{ start_column }}
{% endtest %}

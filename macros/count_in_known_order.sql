{#-
  An aggregate over int_phase_prime_awards: how many meet the condition; null where other prime awards are loaded but none of them is
  known to come before or after.
-#}
{% macro count_in_known_order(condition) -%}
    case
            when count(is_other_after) > 0 or count(*) = count(case when is_sbir_award then 1 end)
                then count(case when {{ condition }} then 1 end)
        end
{%- endmacro %}

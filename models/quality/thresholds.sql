-- Purpose: the numbers that decided links and gates in this build, for those who read its results.
-- Grain: one row per threshold.
{% set scores = ['accept_score', 'review_score'] %}
{% set shares = [
    'min_match_rate', 'min_precision', 'max_null_share', 'max_record_drop', 'max_identifier_drop', 'max_match_rate_drop',
] %}

{% for name in scores -%}
select
    '{{ name }}' as threshold,
    cast({{ threshold(name) }} / 100.0 as double) as threshold_value
union all
{% endfor -%}
{% for name in shares -%}
select
    '{{ name }}' as threshold,
    cast({{ threshold(name) }} as double) as threshold_value
{% if not loop.last %}union all{% endif %}
{% endfor %}

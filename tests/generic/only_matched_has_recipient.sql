{#- An award without link carries nothing of a recipient, and has a reason exactly where it has no link. -#}
{% test only_matched_has_recipient(model) %}
select award_key
from {{ model }}
where
    (_usaspending_match_status = 'matched' and _usaspending_unmatched_reason is not null)
    or (
        _usaspending_match_status <> 'matched'
        and (
            _usaspending_unmatched_reason is null
            or _usaspending_match_method is not null
            or _usaspending_match_score is not null
            or usaspending_recipient_name is not null
            or usaspending_recipient_hash is not null
            or usaspending_total_obligation is not null
        )
    )
{% endtest %}

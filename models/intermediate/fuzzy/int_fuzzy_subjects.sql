-- Purpose: the subjects that the rule name-exact does not link, ties included, under each of their names.
-- Grain: one row per subject and normalised name.
select
    subject_names.subject_key,
    subject_names.subject_kind,
    subject_names.firm_key,
    subject_names.state,
    subject_names.normalized_name,
    subject_names.is_own_name
from {{ ref('int_subject_names') }} as subject_names
left join {{ ref('int_match_name_exact') }} as name_exact
    on subject_names.subject_key = name_exact.subject_key and name_exact.recipient_hash is not null
where name_exact.subject_key is null

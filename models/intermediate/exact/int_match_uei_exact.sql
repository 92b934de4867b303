-- Purpose: rule uei-exact: the award's valid UEI is the recipient's.
-- Grain: one row per award whose UEI is known; recipient_hash is null where several recipients have it and nothing tells
-- them apart.
{{ match_by_identifier('uei') }}

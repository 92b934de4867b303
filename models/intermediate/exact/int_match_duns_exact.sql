-- Purpose: rule duns-exact: the award's valid DUNS is the recipient's.
-- Grain: one row per award whose DUNS is known; recipient_hash is null where several recipients have it and nothing tells
-- them apart.
{{ match_by_identifier('duns') }}

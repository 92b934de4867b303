-- Purpose: which recipients were loaded, in the least room: so that of a link that changed it can be told whether its recipient
-- is new. Sorted, a published file stores each in five bytes.
-- Grain: one row per recipient.
select {{ recipient_code('recipient_hash') }} as recipient_code
from {{ ref('int_recipients') }}
order by recipient_code

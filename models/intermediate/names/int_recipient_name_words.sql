-- Purpose: the words of recipients' names, in order, as they are compared. No award changes them.
-- Grain: one row per normalised name and position.
with names as (

    select * from {{ ref('int_distinct_recipient_names') }}

),

{{ words_as_compared('names') }}

select * from compared_words

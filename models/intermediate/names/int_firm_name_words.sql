-- Purpose: the words of firms' names, in order, as they are compared. A name that recipients have too has the same words there.
-- Grain: one row per normalised name and position.
with firm_names as (

    select
        normalized_name,
        max(may_be_cut) as may_be_cut
    from {{ ref('int_firm_names') }}
    group by normalized_name

),

recipient_names as (

    select * from {{ ref('int_distinct_recipient_names') }}

),

names as (

    select
        firm_names.normalized_name,
        coalesce(recipient_names.may_be_cut, firm_names.may_be_cut) as may_be_cut
    from firm_names
    left join recipient_names
        on firm_names.normalized_name = recipient_names.normalized_name

),

{{ words_as_compared('names') }}

select * from compared_words

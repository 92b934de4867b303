-- Purpose: the ceiling of the match rate: how many awards could be linked at all. USAspending knows recipients since fiscal
-- year 2008; an award that names nobody, or whose firm was last funded before, has none unless a rule found it.
-- Grain: one row.
with awards as (

    select * from {{ ref('enriched_sbir_awards') }}

),

final as (

    select
        count(*) as awards,
        count(case when _usaspending_match_status = 'matched' then 1 end) as matched_awards,
        count(case when _usaspending_unmatched_reason = 'special name' then 1 end) as special_name_awards,
        count(case when _usaspending_unmatched_reason = 'firm''s last award before 2007-10-01' then 1 end) as too_early_awards,
        count(
            case
                when
                    _usaspending_unmatched_reason is null
                    or _usaspending_unmatched_reason not in ('special name', 'firm''s last award before 2007-10-01') then 1
            end
        ) as matchable_awards
    from awards

)

select
    *,
    case when matchable_awards > 0 then round(cast(matched_awards as double) / matchable_awards, 6) end
        as matched_share_of_matchable
from final

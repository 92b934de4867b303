-- Purpose: how often an award's UEI, DUNS and award number name the same recipient, where it has several of them. No precision:
-- where two disagree, either may be right.
-- Grain: one row per method by identifier that could be compared with another.
with identifiers as (

    select
        matches.*,
        recipients.recipient_group
    from {{ ref('int_identifier_matches') }} as matches
    inner join {{ ref('int_recipients') }} as recipients
        on matches.recipient_hash = recipients.recipient_hash

),

compared as (

    select
        own.match_method,
        count(*) as compared,
        count(case when own.recipient_group = another.recipient_group then 1 end) as agreeing
    from identifiers as own
    inner join identifiers as another
        on own.award_key = another.award_key and own.match_method <> another.match_method
    group by own.match_method

),

final as (

    select
        match_method,
        cast(compared as bigint) as compared,
        cast(agreeing as bigint) as agreeing,
        round(cast(agreeing as double) / compared, 6) as agreement,
        {{ wilson_bound('agreeing', 'compared', -1) }} as agreement_lower,
        {{ wilson_bound('agreeing', 'compared', 1) }} as agreement_upper
    from compared

)

select * from final

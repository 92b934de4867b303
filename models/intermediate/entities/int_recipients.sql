-- Purpose: the recipients an award may be linked to, each with its best record (identifiers first, then location).
-- Grain: one row per recipient (recipient_hash); special recipients such as MULTIPLE RECIPIENTS are left out.
with
-- Few recipients have several records; ranking them alone spares a sort of all.
repeated as (

    select recipient_hash from {{ ref('stg_usaspending__recipients') }}
    group by recipient_hash
    having count(*) > 1

),

ranked as (

    select
        records.source_row_number,
        row_number() over (
            partition by records.recipient_hash
            order by
                records.uei asc nulls last,
                records.duns asc nulls last,
                records.zip5 asc nulls last,
                records.state asc nulls last,
                records.source_row_number asc
        ) as record_rank
    from {{ ref('stg_usaspending__recipients') }} as records
    inner join repeated
        on records.recipient_hash = repeated.recipient_hash
    inner join {{ ref('int_usaspending_company_names') }} as company_names
        on records.recipient_name = company_names.company_name and not company_names.is_special

),

surpassed as (

    select source_row_number from ranked
    where record_rank > 1

),

bests as (

    select
        records.*,
        company_names.normalized_name,
        company_names.legal_designator,
        company_names.legal_form
    from {{ ref('stg_usaspending__recipients') }} as records
    inner join {{ ref('int_usaspending_company_names') }} as company_names
        on records.recipient_name = company_names.company_name and not company_names.is_special
    left join surpassed
        on records.source_row_number = surpassed.source_row_number
    where surpassed.source_row_number is null

),

-- A name that a single recipient has tells of no other state than the recipient itself, so only the others are grouped.
-- The names are joined anew: to hold all columns of all best records until the states are known takes longer.
name_states as (

    select
        company_names.normalized_name,
        min(records.state) as first_state,
        max(records.state) as last_state
    from {{ ref('stg_usaspending__recipients') }} as records
    inner join {{ ref('int_usaspending_company_names') }} as company_names
        on records.recipient_name = company_names.company_name and not company_names.is_special
    inner join {{ ref('int_distinct_recipient_names') }} as recipient_names
        on company_names.normalized_name = recipient_names.normalized_name and recipient_names.recipient_count > 1
    left join surpassed
        on records.source_row_number = surpassed.source_row_number
    where surpassed.source_row_number is null
    group by company_names.normalized_name
    having count(*) > 1

),

distinctive_names as (

    select name_words.normalized_name
    from {{ ref('int_recipient_name_words') }} as name_words
    inner join name_states
        on name_words.normalized_name = name_states.normalized_name and name_states.first_state <> name_states.last_state
    inner join {{ ref('int_word_weights') }} as word_weights
        on name_words.word = word_weights.word
    group by name_words.normalized_name
    having sum(word_weights.distinctive_weight) >= {{ threshold('one_firm_weight') }}

),

final as (

    select
        bests.recipient_hash,
        bests.recipient_name,
        bests.normalized_name,
        -- Recipients of one name in one state are one firm under several identifiers. A recipient of unknown state joins it
        -- where the name occurs in a single state, and a name that few can have is one firm wherever it is.
        case
            when name_states.normalized_name is null then bests.recipient_hash
            when bests.is_abroad then {{ surrogate_key(['bests.normalized_name', "'abroad'"]) }}
            when distinctive_names.normalized_name is not null then {{ surrogate_key(['bests.normalized_name']) }}
            else
                {{ surrogate_key([
                    'bests.normalized_name',
                    'coalesce(bests.state, case when name_states.first_state = name_states.last_state then name_states.first_state end)',
                ]) }}
        end as recipient_group,
        bests.legal_designator,
        bests.legal_form,
        bests.uei,
        bests.duns,
        bests.uei is not null or bests.duns is not null as has_identifier,
        bests.parent_uei,
        bests.parent_name,
        bests.city,
        bests.state,
        bests.is_abroad,
        bests.zip5
    from bests
    left join name_states
        on bests.normalized_name = name_states.normalized_name
    left join distinctive_names
        on bests.normalized_name = distinctive_names.normalized_name

)

select * from final

-- Purpose: what two blocked names do not share, word by word, and whether one is only the other cut short or written otherwise.
-- Pairs whose words weigh too much apart for any place to make up for it are left out before letters are looked at.
-- Grain: one row per firm name and recipient name that may be one.
with pairs as (

    select * from {{ ref('int_fuzzy_candidate_pairs') }}

),

names as (

    select * from {{ ref('int_fuzzy_names') }}

),

plausible as (

    select
        pairs.firm_name,
        pairs.recipient_name
    from pairs
    inner join names as firm
        on pairs.firm_name = firm.normalized_name
    inner join names as recipient
        on pairs.recipient_name = recipient.normalized_name
    where
        pairs.by_letters
        or pairs.by_start
        or firm.full_letters = recipient.full_letters
        or firm.compared_letters = recipient.compared_letters
        or {{ best_possible_score(
            'least(pairs.shared_key_weight + firm.unseen_weight, firm.rare_weight)', 'firm', 'recipient',
            "recipient.compared_name like '% ' || firm.compared_name"
        ) }} >= {{ threshold('min_shown_score') }}

),

compared as (

    select
        plausible.firm_name,
        plausible.recipient_name,
        firm.compared_name as compared_firm_name,
        recipient.compared_name as compared_recipient_name,
        firm.word_count as firm_word_count,
        recipient.word_count as recipient_word_count,
        firm.name_weight as firm_name_weight,
        firm.rare_weight as firm_rare_weight,
        recipient.name_weight as recipient_name_weight,
        {{ words_missing_from('firm.compared_name', 'recipient.compared_name') }} as only_in_firm_name,
        {{ words_missing_from('recipient.compared_name', 'firm.compared_name') }} as only_in_recipient_name,
        replace(plausible.firm_name, ' ', '') = replace(plausible.recipient_name, ' ', '') as is_respaced,
        firm.full_letters = recipient.full_letters as is_abbreviated,
        firm.compared_letters = recipient.compared_letters as is_other_number,
        recipient.may_be_cut
        and length(plausible.recipient_name) >= {{ threshold('min_cut_name_length') }}
        and left(plausible.firm_name, length(plausible.recipient_name)) = plausible.recipient_name
        and substr(plausible.firm_name, length(plausible.recipient_name) + 1, 1) <> ' ' as is_recipient_name_cut,
        firm.may_be_cut
        and length(plausible.firm_name) >= {{ threshold('min_cut_name_length') }}
        and left(plausible.recipient_name, length(plausible.firm_name)) = plausible.firm_name
        and substr(plausible.recipient_name, length(plausible.firm_name) + 1, 1) <> ' ' as is_firm_name_cut
    from plausible
    inner join names as firm
        on plausible.firm_name = firm.normalized_name
    inner join names as recipient
        on plausible.recipient_name = recipient.normalized_name

),

final as (

    select
        firm_name,
        recipient_name,
        firm_word_count,
        firm_name_weight,
        firm_rare_weight,
        recipient_name_weight,
        only_in_firm_name,
        only_in_recipient_name,
        case
            when firm_name = recipient_name then 'equal'
            when is_respaced then 'respaced'
            when is_abbreviated then 'abbreviated'
            when is_other_number then 'other number'
            when is_recipient_name_cut or is_firm_name_cut then 'cut'
            when only_in_firm_name = '' and only_in_recipient_name = '' and firm_word_count = recipient_word_count
                then 'other order'
            when compared_recipient_name like '% ' || compared_firm_name then 'words in front'
            else 'other words'
        end as name_relation,
        {{ words_shared_with('compared_firm_name', 'compared_recipient_name') }}
        <> {{ words_shared_with('compared_recipient_name', 'compared_firm_name') }} as is_reordered,
        abs(recipient_word_count - firm_word_count) as word_count_difference
    from compared

)

select * from final

-- Purpose: how alike two names are, 0 to 100. Shared words never carry a link: the words that only one name has are compared
-- with each other and count double. The only caller of the rapidfuzz UDF name_similarity.
-- Grain: one row per firm name and recipient name.
with pairs as (

    select * from {{ ref('int_fuzzy_candidate_pairs') }}

),

compared_names as (

    select * from {{ ref('int_fuzzy_compared_names') }}

),

compared as (

    select
        pairs.firm_name,
        pairs.recipient_name,
        firm.compared_name as compared_firm_name,
        recipient.compared_name as compared_recipient_name,
        firm.has_rare_word,
        {{ words_missing_from('firm.compared_name', 'recipient.compared_name') }} as only_in_firm_name,
        {{ words_missing_from('recipient.compared_name', 'firm.compared_name') }} as only_in_recipient_name,
        -- FPDS cuts names near 30 characters, mostly inside a word.
        length(pairs.recipient_name) >= {{ threshold('min_cut_name_length') }}
        and pairs.firm_name like pairs.recipient_name || '%'
        and substr(pairs.firm_name, length(pairs.recipient_name) + 1, 1) <> ' ' as is_cut_name
    from pairs
    inner join compared_names as firm
        on pairs.firm_name = firm.normalized_name
    inner join compared_names as recipient
        on pairs.recipient_name = recipient.normalized_name

),

scored as (

    select
        *,
        name_similarity(compared_firm_name, compared_recipient_name) as whole_name_score,
        name_similarity(only_in_firm_name, only_in_recipient_name) as differing_words_score
    from compared

),

final as (

    select
        firm_name,
        recipient_name,
        whole_name_score,
        case when only_in_firm_name <> '' or only_in_recipient_name <> '' then differing_words_score end as differing_words_score,
        is_cut_name,
        case
            when is_cut_name then {{ threshold('cut_name_score') }}
            when replace(firm_name, ' ', '') = replace(recipient_name, ' ', '') then {{ threshold('spacing_score') }}
            -- The same words, but for plurals or their order. Common words alone (INNOVATIVE TECHNOLOGY) need the same state too,
            -- and two words swapped (SYSTEM PLANNING) the same place.
            when only_in_firm_name = '' and only_in_recipient_name = ''
                then
                    case
                        when compared_firm_name = compared_recipient_name and has_rare_word then {{ threshold('plural_score') }}
                        when compared_firm_name = compared_recipient_name then {{ threshold('generic_plural_score') }}
                        when has_rare_word and compared_firm_name like '% % %' then {{ threshold('word_order_score') }}
                        when has_rare_word then {{ threshold('two_word_order_score') }}
                        else {{ threshold('extra_word_score') }}
                    end
            -- One name has words the other lacks altogether.
            when only_in_firm_name = '' or only_in_recipient_name = ''
                then least(whole_name_score, {{ threshold('extra_word_score') }})
            else greatest(
                least(whole_name_score, 100 - 2 * (100 - differing_words_score)),
                whole_name_score - {{ threshold('max_word_cost') }}
            )
        end as name_score
    from scored

)

select * from final

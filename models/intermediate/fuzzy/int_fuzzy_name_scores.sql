-- Purpose: what the differences between two names cost, in hundredths of a point, and how much the words they share tell. Rare
-- words weigh most; a word that one name has alone costs what it weighs, so shared words never carry a link by themselves.
-- Grain: one row per firm name and recipient name.
with differences as (

    select * from {{ ref('int_fuzzy_name_differences') }}

),

unshared_words as (

    select
        firm_name,
        recipient_name,
        true as is_firm_word,
        {{ split_rows('only_in_firm_name', ' ') }} as word
    from differences
    where name_relation in ('other words', 'words in front') and only_in_firm_name <> ''

    union all

    select
        firm_name,
        recipient_name,
        false as is_firm_word,
        {{ split_rows('only_in_recipient_name', ' ') }} as word
    from differences
    where name_relation in ('other words', 'words in front') and only_in_recipient_name <> ''

),

weighed as (

    select
        unshared_words.firm_name,
        unshared_words.recipient_name,
        unshared_words.is_firm_word,
        {{ is_numeral('unshared_words.word') }} as is_numeral,
        {{ is_numeral_or_letter('unshared_words.word') }} as may_be_numeral,
        coalesce(word_weights.weight, {{ word_weight('unshared_words.word') }}) as weight,
        coalesce(word_weights.extra_weight, {{ word_weight('unshared_words.word') }}) as extra_weight,
        coalesce(word_weights.is_rare, true) as is_rare,
        coalesce(aligned_words.similarity, 0) as similarity,
        -- A common word mistyped looks like a rare one; it tells no more than the word it is taken for.
        least(
            coalesce(word_weights.weight, {{ word_weight('unshared_words.word') }}),
            coalesce(
                other_weights.weight,
                case when aligned_words.other_word is not null then {{ word_weight('aligned_words.other_word') }} end,
                10000
            )
        ) as similar_weight,
        coalesce(other_weights.is_rare, true) as is_similar_rare
    from unshared_words
    left join {{ ref('int_word_weights') }} as word_weights
        on unshared_words.word = word_weights.word
    left join {{ ref('int_fuzzy_aligned_words') }} as aligned_words
        on
            unshared_words.firm_name = aligned_words.firm_name
            and unshared_words.recipient_name = aligned_words.recipient_name
            and unshared_words.is_firm_word = aligned_words.is_firm_word
            and unshared_words.word = aligned_words.word
    left join {{ ref('int_word_weights') }} as other_weights
        on aligned_words.other_word = other_weights.word

),

summed as (

    select
        firm_name,
        recipient_name,
        sum(case when is_firm_word and is_rare then weight else 0 end) as unshared_rare_firm_weight,
        sum(case when is_firm_word and is_rare and is_similar_rare then similar_weight * similarity else 0 end) / 10000.0
            as similar_rare_firm_weight,
        sum(case when similarity = 0 and is_rare then extra_weight else 0 end) as rare_extra_weight,
        sum(case when similarity = 0 and not is_rare and is_firm_word then extra_weight else 0 end) as common_extra_firm_weight,
        sum(case when similarity = 0 and not is_rare and not is_firm_word then extra_weight else 0 end)
            as common_extra_recipient_weight,
        sum(case when similarity > 0 then similar_weight * (10000 - similarity) else 0 end) / 10000.0 as dissimilar_weight,
        max(similarity = 0 and is_firm_word) as has_extra_firm_word,
        max(similarity = 0 and not is_firm_word) as has_extra_recipient_word,
        max(is_numeral)
        or (max(is_firm_word and may_be_numeral) and max(not is_firm_word and may_be_numeral)) as has_other_numeral
    from weighed
    group by firm_name, recipient_name

),

costs as (

    select
        differences.firm_name,
        differences.recipient_name,
        differences.name_relation,
        differences.only_in_firm_name,
        differences.only_in_recipient_name,
        case
            when differences.name_relation in ('equal', 'respaced', 'abbreviated', 'other number')
                then greatest(differences.firm_name_weight, differences.recipient_name_weight)
            when differences.name_relation = 'cut' then least(differences.firm_name_weight, differences.recipient_name_weight)
            -- Words that only changed places or stand beside others must be rare to tell one firm from another.
            else
                differences.firm_rare_weight - coalesce(summed.unshared_rare_firm_weight, 0)
                + cast(round(coalesce(summed.similar_rare_firm_weight, 0)) as integer)
        end as shared_weight,
        case
            when differences.name_relation = 'equal' then 0
            when differences.name_relation = 'respaced' then {{ threshold('spacing_cost') }}
            when differences.name_relation = 'abbreviated' then {{ threshold('abbreviation_cost') }}
            when differences.name_relation = 'other number' and differences.firm_word_count = 1
                then {{ threshold('single_word_number_cost') }}
            when differences.name_relation = 'other number' then {{ threshold('number_cost') }}
            when differences.name_relation = 'cut'
                then {{ threshold('cut_cost') }} + {{ threshold('lost_word_cost') }} * differences.word_count_difference
            when differences.name_relation = 'other order' and differences.firm_word_count = 2
                then {{ threshold('two_word_order_cost') }}
            when differences.is_reordered then {{ threshold('order_cost') }}
            when differences.only_in_firm_name = '' and differences.only_in_recipient_name = ''
                then {{ threshold('lost_word_cost') }} * differences.word_count_difference
            else 0
        end as form_cost,
        cast(round(
            {{ threshold('word_cost') }}
            * case when differences.name_relation = 'words in front' then {{ threshold('front_word_share') }} else 1 end
            * (
                coalesce(summed.rare_extra_weight, 0)
                + least(coalesce(summed.common_extra_firm_weight, 0), {{ threshold('max_common_extra_weight') }})
                + least(coalesce(summed.common_extra_recipient_weight, 0), {{ threshold('max_common_extra_weight') }})
            ) / 10000.0
        ) as integer)
        -- X SYSTEMS may call itself X; that it calls itself X LOGISTICS is less likely.
        + case
            when summed.has_extra_firm_word and summed.has_extra_recipient_word then {{ threshold('replaced_word_cost') }} else 0
        end
        -- X II is not X, nor X III.
        + case when summed.has_other_numeral then {{ threshold('numeral_cost') }} else 0 end
            as extra_word_cost,
        cast(round({{ threshold('word_cost') }} * coalesce(summed.dissimilar_weight, 0) / 10000.0) as integer) as typo_cost
    from differences
    left join summed
        on differences.firm_name = summed.firm_name and differences.recipient_name = summed.recipient_name

),

final as (

    select
        firm_name,
        recipient_name,
        name_relation,
        only_in_firm_name,
        only_in_recipient_name,
        cast(shared_weight as integer) as shared_weight,
        form_cost,
        extra_word_cost,
        typo_cost,
        greatest(10000 - form_cost - extra_word_cost - typo_cost, 0) as name_score
    from costs

)

select * from final

{#-
  Every number that decides a link or a gate, in one place. Scores and costs are hundredths of a point (9,000 is 90), weights
  ten-thousandths of what a word tells that no second name has. Gate limits can be tuned from the environment.
-#}
{% macro threshold(name) -%}
    {%- set decision = {
        'accept_score': 9000,
        'review_score': 7500,
        'margin': 300,
        'candidates_kept': 5,
        'min_shown_score': 7000,
    } -%}
    {%- set gates = {
        'max_null_share': 0.95,
        'max_evaluation_subjects': 2000,
        'min_evaluation_firms': 200,
        'min_slice_share': 0.01,
        'min_award_number_length': 6,
        'min_key_length_alone': 8,
    } -%}
    {%- set weights = {
        'full_weight': 10000,
        'affiliation_share': 0.25,
        'prior_names': 100000,
        'min_rarity': 0.55,
        'one_firm_weight': 8500,
        'moved_firm_weight': 9800,
        'common_word_share': 0.5,
        'identifying_equal_weight': 11500,
        'identifying_weight': 12000,
        'identifying_rare_weight': 13000,
        'identifying_trade_name_weight': 14500,
        'identifying_unplaced_weight': 20000,
    } -%}
    {%- set blocking = {
        'max_names_per_word': 400,
        'max_names_per_letter_key': 50,
        'word_start_length': 3,
        'prefix_length': 9,
        'suffix_length': 11,
        'start_length': 18,
        'min_typo_word_length': 6,
    } -%}
    {%- set words = {
        'cut_length': 30,
        'min_cut_name_length': 22,
        'min_cut_word_length': 3,
        'min_similar_word_length': 3,
        'min_two_edit_word_length': 10,
        'two_edit_key_length': 4,
        'min_beginning_share': 0.6,
        'max_edits': 2,
        'beginning_similarity': 4000,
        'split_word_similarity': 9500,
        'known_word_cost': 2000,
        'other_initial_cost': 2000,
        'replaced_letter_cost': 3000,
    } -%}
    {%- set costs = {
        'word_cost': 1400,
        'front_word_share': 0.4,
        'replaced_word_cost': 500,
        'numeral_cost': 1500,
        'max_common_extra_weight': 10000,
        'spacing_cost': 200,
        'abbreviation_cost': 100,
        'number_cost': 200,
        'single_word_number_cost': 500,
        'cut_cost': 300,
        'lost_word_cost': 250,
        'order_cost': 400,
        'two_word_order_cost': 1300,
        'identification_rate': 2200,
        'parent_name_cost': 1500,
    } -%}
    {%- if name == 'min_match_rate' -%}
        {{ return(fraction_setting('SBIR_MIN_MATCH_RATE', '0.70')) }}
    {%- elif name == 'max_match_rate_drop' -%}
        {{ return(fraction_setting('SBIR_MAX_MATCH_RATE_DROP', '0.05')) }}
    {%- elif name == 'max_record_drop' -%}
        {{ return(fraction_setting('SBIR_MAX_RECORD_DROP', '0.10')) }}
    {%- elif name == 'max_identifier_drop' -%}
        {{ return(fraction_setting('SBIR_MAX_IDENTIFIER_DROP', '0.05')) }}
    {%- elif name == 'min_precision' -%}
        {{ return(fraction_setting('SBIR_MIN_PRECISION', '0.95')) }}
    {%- elif name == 'min_slice_match_rate' -%}
        {{ return(fraction_setting('SBIR_MIN_SLICE_MATCH_RATE', '0.40')) }}
    {%- endif -%}
    {%- for numbers in [decision, gates, weights, blocking, words, costs] -%}
        {%- if name in numbers -%}
            {{ return(numbers[name]) }}
        {%- endif -%}
    {%- endfor -%}
    {{ exceptions.raise_compiler_error("No threshold is called '" ~ name ~ "': see macros/thresholds.sql") }}
{%- endmacro %}

{#- How far a word is taken for one that is so many edits away, in ten-thousandths: the longer the word, the further. -#}
{% macro edit_similarity(edits, length) -%}
    case
        when {{ edits }} = 1 and {{ length }} >= 12 then 9300
        when {{ edits }} = 1 and {{ length }} = 11 then 9000
        when {{ edits }} = 1 and {{ length }} = 10 then 8000
        when {{ edits }} = 1 and {{ length }} = 9 then 6800
        when {{ edits }} = 1 and {{ length }} = 8 then 5500
        when {{ edits }} = 1 and {{ length }} = 7 then 3600
        when {{ edits }} = 1 and {{ length }} = 6 then 2200
        when {{ edits }} = 2 and {{ length }} >= 12 then 5400
        when {{ edits }} = 2 and {{ length }} >= 10 then 3600
        else 0
    end
{%- endmacro %}

{#- What a place says for or against a candidate: as points, and as weight beside that of the shared words. -#}
{% macro by_place(place, measure) -%}
    case {{ place }}
        {%- for value, number in place_measures()[measure].items() %}
        when '{{ value }}' then {{ number }}
        {%- endfor %}
    end
{%- endmacro %}

{% macro best_place(measure) -%}
    {{ return(place_measures()[measure].values() | max) }}
{%- endmacro %}

{% macro place_measures() -%}
    {{ return({
        'place_points': {'zip': 300, 'city': 250, 'state': 200, 'other state': -200, 'abroad': -200, 'company unplaced': 0, 'recipient unplaced': 0},
        'place_weight': {
            'zip': 4000, 'city': 3000, 'state': 500, 'other state': -2500, 'abroad': -5000, 'company unplaced': 0, 'recipient unplaced': -1000
        },
    }) }}
{%- endmacro %}

{#-
  The most that two names can score, in hundredths of a point, by what their words weigh: at most this much of the rare words is
  shared, the rest of them and what one name has more in common words stand alone, and the best place speaks for the pair.
  `firm` and `recipient` are relations with rare_extra_weight and common_extra_weight.
-#}
{% macro best_possible_score(shared_weight, firm, recipient, is_in_front) -%}
    {%- set firm_extra = 'greatest(' ~ firm ~ '.rare_extra_weight - ' ~ shared_weight ~ ', 0)' -%}
    {%- set recipient_extra = 'greatest(' ~ recipient ~ '.rare_extra_weight - ' ~ shared_weight ~ ', 0)' -%}
    10000 + {{ best_place('place_points') }}
    - case when {{ firm_extra }} > 0 and {{ recipient_extra }} > 0 then {{ threshold('replaced_word_cost') }} else 0 end
    - {{ threshold('word_cost') }} * case when {{ is_in_front }} then {{ threshold('front_word_share') }} else 1 end * (
        {{ firm_extra }} + {{ recipient_extra }}
        + least(abs({{ firm }}.common_extra_weight - {{ recipient }}.common_extra_weight), {{ threshold('max_common_extra_weight') }})
    ) / 10000.0
    - {{ threshold('identification_rate') }}
    * greatest({{ threshold('identifying_rare_weight') }} - {{ shared_weight }} - {{ best_place('place_weight') }}, 0) / 10000.0
{%- endmacro %}

{#- A setting that is a fraction; its default where it is unset or empty. scripts/interface/settings.py refuses what is not one. -#}
{% macro fraction_setting(variable, default) -%}
    {{ return((env_var(variable, '') or default) | float) }}
{%- endmacro %}

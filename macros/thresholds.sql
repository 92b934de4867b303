{#-
  Every number that decides a link or a gate, in one place. Gate limits can be tuned from the environment;
  a value that is no number between 0 and 1 stops the command.
-#}
{% macro threshold(name) -%}
    {%- set fixed = {
        'accept_score': 90,
        'review_score': 75,
        'near_tie_points': 2,
        'max_null_share': 0.95,
        'max_names_per_blocking_key': 400,
        'min_cut_name_length': 26,
        'min_candidate_score': 60,
        'cut_name_score': 97,
        'spacing_score': 97,
        'plural_score': 98,
        'generic_plural_score': 89,
        'word_order_score': 96,
        'two_word_order_score': 87,
        'extra_word_score': 85,
        'max_word_cost': 25,
        'common_word_share': 0.001,
        'common_word_names': 10,
        'same_state_points': 2,
        'same_zip_points': 2,
        'other_state_points': -9,
        'candidates_kept': 5,
        'min_key_length_alone': 8,
    } -%}
    {%- if name == 'min_match_rate' -%}
        {{ return(share_from_environment('SBIR_MIN_MATCH_RATE', env_var('SBIR_MIN_MATCH_RATE', '0.70'))) }}
    {%- elif name in fixed -%}
        {{ return(fixed[name]) }}
    {%- else -%}
        {{ exceptions.raise_compiler_error("No threshold is called '" ~ name ~ "': see macros/thresholds.sql") }}
    {%- endif -%}
{%- endmacro %}

{% macro share_from_environment(variable, text) -%}
    {%- if not modules.re.fullmatch('0?[.][0-9]+|[01]|1[.]0+|0[.][0-9]*', text) -%}
        {{ exceptions.raise_compiler_error(variable ~ "='" ~ text ~ "' is no share: give a number from 0 to 1, such as 0.70") }}
    {%- endif -%}
    {{ return(text | float) }}
{%- endmacro %}

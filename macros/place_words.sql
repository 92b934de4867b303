{#- What two states say about a link, in words; nothing where either is unknown. -#}
{% macro place_words(company_state, recipient_state) -%}
    case
        when {{ company_state }} = {{ recipient_state }} then '; same state ' || {{ company_state }}
        when {{ company_state }} <> {{ recipient_state }}
            then '; but state ' || {{ company_state }} || ' against ' || {{ recipient_state }}
        when {{ company_state }} is null then '; the company''s state is unknown'
        else '; the recipient''s state is unknown'
    end
{%- endmacro %}

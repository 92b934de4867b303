{#- What the names of a firm and a candidate have in common and not, in words. Columns of int_fuzzy_candidates, by alias. -#}
{% macro name_words(alias) -%}
    {%- set c = alias ~ '.' if alias else '' -%}
    case when {{ c }}name_kind = 'parent' then 'the parent''s name ''' else 'name ''' end || {{ c }}recipient_name || ''''
    || case {{ c }}name_relation
        when 'equal' then ' is equal'
        when 'respaced' then ' differs in spaces only'
        when 'abbreviated' then ' has the same words, some shortened'
        when 'other number' then ' has the same words in the singular or plural'
        when 'cut' then ' or the company''s is cut at {{ threshold("cut_length") }} characters, otherwise they are equal'
        when 'other order' then ' has the same words in another order'
        else
            case
                when {{ c }}only_in_firm_name <> '' and {{ c }}only_in_recipient_name <> ''
                    then ' has ' || {{ c }}only_in_recipient_name || ' for ' || {{ c }}only_in_firm_name
                when {{ c }}only_in_firm_name <> '' then ' lacks ' || {{ c }}only_in_firm_name
                else ' adds ' || {{ c }}only_in_recipient_name
            end
    end
    || case when {{ c }}typo_cost > 0 then ' (a likely slip)' else '' end
{%- endmacro %}

{#- What a candidate's place says, in words. -#}
{% macro candidate_place_words(alias) -%}
    {%- set c = alias ~ '.' if alias else '' -%}
    case {{ c }}place
        when 'zip' then '; same ZIP code ' || {{ c }}recipient_zip5
        when 'city' then '; same city ' || {{ c }}recipient_city
        when 'state' then '; same state ' || {{ c }}state
        when 'other state' then '; but state ' || {{ c }}state || ' against ' || {{ c }}recipient_state
        when 'abroad' then '; but the recipient is abroad'
        when 'company unplaced' then '; the company''s place is unknown'
        else '; the recipient''s place is unknown'
    end
    || case
        when {{ c }}identification_cost >= 500 then '; the shared words tell little of one firm from another' else ''
    end
{%- endmacro %}

{#- A score in hundredths of a point, as people read it. -#}
{% macro points(expression) -%}
    cast(round({{ expression }} / 100.0, 1) as varchar)
{%- endmacro %}

{#-
  A bound of the Wilson score interval (95 %) of a share, from how many of how many; null where there are none. `sign` is -1 for
  the lower bound, 1 for the upper. Wilson, E. B. (1927), Journal of the American Statistical Association 22, 209–212.
-#}
{% macro wilson_bound(successes, trials, sign) -%}
    {%- set z = 1.959964 -%}
    {%- set z2 = z * z -%}
    {%- set share = 'cast(' ~ successes ~ ' as double) / ' ~ trials -%}
    case when {{ trials }} > 0 then round((
        {{ share }} + {{ z2 / 2 }} / {{ trials }}
        + {{ sign }} * {{ z }} * sqrt(({{ share }} * (1 - {{ share }}) + {{ z2 / 4 }} / {{ trials }}) / {{ trials }})
    ) / (1 + {{ z2 }} / {{ trials }}), 6) end
{%- endmacro %}

{#- The band of a score, for figures by band: exact scores stand alone. -#}
{% macro score_band(score) -%}
    case
        when {{ score }} >= 10000 then '100'
        when {{ score }} >= 9700 then '97-100'
        when {{ score }} >= 9400 then '94-97'
        when {{ score }} >= 9000 then '90-94'
        when {{ score }} >= 7500 then '75-90'
        else 'below 75'
    end
{%- endmacro %}

{#-
  How far the legal form that an award's company name gives agrees with a recipient's: 3 written alike (INC, INC), 2 the same form (INC,
  INCORPORATED), 1 one of them gives none, 0 another form (INC, LLC). Aliases of relations with legal_designator and legal_form.
-#}
{% macro legal_form_rank(award, recipient) -%}
    case
        when {{ award }}.legal_form <> {{ recipient }}.legal_form then 0
        when {{ award }}.legal_designator = {{ recipient }}.legal_designator then 3
        when {{ award }}.legal_form = {{ recipient }}.legal_form then 2
        else 1
    end
{%- endmacro %}

{#-
  The one definition of what changed in the links between two builds, and why: a query that uses nothing of dbt, so that
  scripts/publishing/link_changes.py renders it too. `before` and `after` name a relation for each of `compared_tables`.
  The reason is the first that holds of an ordered list:
    award gone, new award      the award itself is in one build only
    award revised              what the rules read of the award is another; see `revisions`
    decision                   people decided otherwise on the firm
    recipient gone             the recipient linked before is not among those loaded now
    new recipient              the recipient linked now was not among those loaded before
    threshold                  the score of the link is below what the other build accepts
    rule version               the SQL of the rules, their reference tables or the code that they call is another
    other awards of the firm   the firm got or lost an award, or its award went to another firm
    prime award data           for links by award number: the prime awards loaded are others
    recipient data             the recipients loaded are others
    prime award data           the prime awards loaded are others
    other award data           the awards loaded are others
    unknown                    none of these
-#}
{% macro link_changes(before, after, recipient_code) -%}
    with before_awards as (

        select * from {{ before.awards }}

    ),

    after_awards as (

        select * from {{ after.awards }}

    ),

    publication as (

        select * from {{ before.publication }}

    ),

    differences as (

        select
            before_basis.accept_score as before_accept_score,
            after_basis.accept_score as after_accept_score,
            before_basis.rules <> after_basis.rules as has_other_rules,
            before_basis.awards <> after_basis.awards as has_other_awards,
            before_basis.recipients <> after_basis.recipients as has_other_recipients,
            before_basis.prime_awards <> after_basis.prime_awards as has_other_prime_awards
        from {{ before.basis }} as before_basis
        cross join {{ after.basis }} as after_basis

    ),

    same_awards as (

        select
            before_awards.award_key as before_key,
            after_awards.award_key as after_key
        from before_awards
        inner join after_awards
            on before_awards.award_key = after_awards.award_key

    ),

    gone_awards as (

        {{ awards_without('before_awards', 'same_awards', 'before_key') }}

    ),

    new_awards as (

        {{ awards_without('after_awards', 'same_awards', 'after_key') }}

    ),

    -- The key of an award is made of all its columns: one that was corrected is a new one. It is known again by what is hardly
    -- corrected, where that is unique among the awards of either build.
    revisions as (

        select
            gone_awards.award_key as before_key,
            new_awards.award_key as after_key
        from gone_awards
        inner join new_awards
            on
                gone_awards.award_title = new_awards.award_title
                and gone_awards.agency is not distinct from new_awards.agency
                and gone_awards.phase is not distinct from new_awards.phase
                and gone_awards.award_year is not distinct from new_awards.award_year
                and gone_awards.agency_tracking_number is not distinct from new_awards.agency_tracking_number
        where gone_awards.namesakes = 1 and new_awards.namesakes = 1

    ),

    pairs as (

        select * from same_awards
        union all
        select * from revisions
        union all
        select
            gone_awards.award_key as before_key,
            null as after_key
        from gone_awards
        where gone_awards.award_key not in (select before_key from revisions)
        union all
        select
            null as before_key,
            new_awards.award_key as after_key
        from new_awards
        where new_awards.award_key not in (select after_key from revisions)

    ),

    changed_firms as (

        select firm_key from gone_awards
        where firm_key is not null
        union
        select firm_key from new_awards
        where firm_key is not null

    ),

    redecided_firms as (

        select distinct coalesce(before_decisions.firm_key, after_decisions.firm_key) as firm_key
        from {{ before.decisions }} as before_decisions
        full outer join {{ after.decisions }} as after_decisions
            on
                before_decisions.firm_key = after_decisions.firm_key
                and before_decisions.recipient_hash = after_decisions.recipient_hash
                and before_decisions.decision = after_decisions.decision
        where before_decisions.firm_key is null or after_decisions.firm_key is null

    ),

    changes as (

        select
            pairs.before_key,
            pairs.after_key,
            coalesce(pairs.after_key, pairs.before_key) as award_key,
            case when pairs.after_key is null then before_awards.company_name else after_awards.company_name end as company_name,
            case when pairs.after_key is null then before_awards.agency else after_awards.agency end as agency,
            case when pairs.after_key is null then before_awards.phase else after_awards.phase end as phase,
            case when pairs.after_key is null then before_awards.award_year else after_awards.award_year end as award_year,
            case when pairs.after_key is null then before_awards.award_amount else after_awards.award_amount end as award_amount,
            before_awards._usaspending_match_status as match_status_before,
            after_awards._usaspending_match_status as match_status_after,
            before_awards._usaspending_match_method as match_method_before,
            after_awards._usaspending_match_method as match_method_after,
            before_awards._usaspending_match_score as match_score_before,
            after_awards._usaspending_match_score as match_score_after,
            before_awards.usaspending_recipient_hash as recipient_hash_before,
            after_awards.usaspending_recipient_hash as recipient_hash_after,
            before_awards.usaspending_recipient_name as recipient_name_before,
            after_awards.usaspending_recipient_name as recipient_name_after,
            {{ recipient_code('before_awards.usaspending_recipient_hash') }} as recipient_code_before,
            {{ recipient_code('after_awards.usaspending_recipient_hash') }} as recipient_code_after,
            before_awards.firm_key as before_firm_key,
            after_awards.firm_key as after_firm_key,
            {%- for column in ['company_name', 'city', 'state', 'zip5', 'uei', 'duns', 'contract_number'] %}
            {{ 'or ' if not loop.first }}(before_awards.{{ column }} is distinct from after_awards.{{ column }})
            {%- endfor %} as is_revised
        from pairs
        left join before_awards
            on pairs.before_key = before_awards.award_key
        left join after_awards
            on pairs.after_key = after_awards.award_key
        where before_awards.usaspending_recipient_hash is distinct from after_awards.usaspending_recipient_hash

    ),

    {{ recipients_among_changes('before', before.recipients) }},

    {{ recipients_among_changes('after', after.recipients) }},

    final as (

        select
            case
                when changes.recipient_hash_before is null then 'gained'
                when changes.recipient_hash_after is null then 'lost'
                else 're-pointed'
            end as change,
            case
                when changes.after_key is null then 'award gone'
                when changes.before_key is null then 'new award'
                when changes.before_key <> changes.after_key and changes.is_revised then 'award revised'
                when
                    changes.before_firm_key in (select firm_key from redecided_firms)
                    or changes.after_firm_key in (select firm_key from redecided_firms)
                    then 'decision'
                when changes.recipient_code_before not in (select recipient_code from recipients_after) then 'recipient gone'
                when changes.recipient_code_after not in (select recipient_code from recipients_before) then 'new recipient'
                when
                    changes.match_score_before < differences.after_accept_score
                    or changes.match_score_after < differences.before_accept_score
                    then 'threshold'
                when differences.has_other_rules then 'rule version'
                when
                    (changes.before_firm_key is distinct from changes.after_firm_key)
                    or changes.after_firm_key in (select firm_key from changed_firms)
                    then 'other awards of the firm'
                when
                    differences.has_other_prime_awards
                    and (changes.match_method_before = 'award-key-exact' or changes.match_method_after = 'award-key-exact')
                    then 'prime award data'
                when differences.has_other_recipients then 'recipient data'
                when differences.has_other_prime_awards then 'prime award data'
                when differences.has_other_awards then 'other award data'
                else 'unknown'
            end as reason,
            changes.award_key,
            changes.company_name,
            changes.agency,
            changes.phase,
            changes.award_year,
            changes.award_amount,
            changes.match_status_before,
            changes.match_status_after,
            changes.match_method_before,
            changes.match_method_after,
            changes.match_score_before,
            changes.match_score_after,
            changes.recipient_hash_before,
            changes.recipient_hash_after,
            changes.recipient_name_before,
            changes.recipient_name_after,
            publication.version as from_version,
            publication.published_at as from_published_at
        from changes
        cross join differences
        cross join publication

    )

    select * from final
{%- endmacro %}

{#- The awards of one build that the other lacks, with how many of them look alike. -#}
{% macro awards_without(awards, same_awards, key) -%}
    select
        {{ awards }}.*,
        count(*) over (partition by award_title, agency, phase, award_year, agency_tracking_number) as namesakes
    from {{ awards }}
    where award_key not in (select {{ key }} from {{ same_awards }})
{%- endmacro %}

{#- Those of a build's recipients that changed links name: few beside all, of which no set need be made. -#}
{% macro recipients_among_changes(build, recipients) -%}
    recipients_{{ build }} as (

        select recipient_code
        from {{ recipients }}
        where
            recipient_code in (
                select recipient_code_before from changes
                union all
                select recipient_code_after from changes
            )

    )
{%- endmacro %}

{#- What a comparison reads of either build, as JSON: table and columns by name; `publication` of the earlier one only. -#}
{% macro compared_tables() -%}
    {
        "awards": {"name": "enrichment.enriched_sbir_awards", "columns": [
            "award_key", "firm_key", "company_name", "award_title", "agency", "phase", "contract_number", "agency_tracking_number",
            "award_year", "award_amount", "uei", "duns", "city", "state", "zip5", "_usaspending_match_status",
            "_usaspending_match_method", "_usaspending_match_score", "usaspending_recipient_hash", "usaspending_recipient_name"
        ]},
        "recipients": {"name": "observability.known_recipients", "columns": ["recipient_code"]},
        "decisions": {"name": "observability.known_decisions", "columns": ["firm_key", "recipient_hash", "decision"]},
        "basis": {"name": "observability.link_basis", "columns": ["rules", "accept_score", "awards", "recipients", "prime_awards"]},
        "publication": {"name": "observability.publication", "columns": ["version", "published_at"]}
    }
{%- endmacro %}

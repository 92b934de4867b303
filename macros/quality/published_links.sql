{#-
  What the published file tells of its links, as relations for `link_changes`: nothing where none is published, it cannot be read in
  full, or was published before these tables were. Which run it is stands in the SQL, so that a table made of it is made anew after
  the next publication.
-#}
{% macro published_links(after) -%}
    {%- set tables = fromjson(compared_tables()) -%}
    {%- set ns = namespace(is_comparable=execute) -%}
    {%- for table in tables.values() if ns.is_comparable -%}
        {%- set ns.is_comparable = table.columns | reject('in', published_columns(table.name)) | list | length == 0 -%}
    {%- endfor -%}
    {%- set run = published_run() if ns.is_comparable and published_keys_hold() else none -%}
    {%- set ns.is_comparable = run is not none -%}
    {%- set before = {} -%}
    {%- for name, relation in after.items() -%}
        {%- do before.update({
            name: 'published.' ~ tables[name].name if ns.is_comparable else '(select * from ' ~ relation ~ ' where false)'
        }) -%}
    {%- endfor -%}
    {%- do before.update({
        'publication': "(select cast(" ~ run['version'] ~ " as bigint) as version, cast('" ~ run['published_at'] ~ "' as timestamp) as published_at)"
        if ns.is_comparable else '(select cast(null as bigint) as version, cast(null as timestamp) as published_at where false)'
    }) -%}
    {{ return(before) }}
{%- endmacro %}

{#- Whether a comparison can join what is published: each award once, one basis. -#}
{% macro published_keys_hold() -%}
    {{ return(run_query(
        'select (select count(*) = count(distinct award_key) from published.enrichment.enriched_sbir_awards) '
        ~ 'and (select count(*) = 1 from published.observability.link_basis)'
    )[0][0]) }}
{%- endmacro %}

{#- A model, seed or source by its name, of which the asker is not to depend. -#}
{% macro standing_relation(name, source_table=none) -%}
    {%- set nodes = graph.sources if source_table else graph.nodes -%}
    {%- for node in nodes.values() if node.name == (source_table or name) and node.resource_type in ('model', 'seed', 'source') -%}
        {%- if not source_table or node.source_name == name -%}
            {{ return(api.Relation.create(database=node.database, schema=node.schema, identifier=node.identifier or node.alias)) }}
        {%- endif -%}
    {%- endfor -%}
    {{ exceptions.raise_compiler_error("There is no model, seed or source " ~ name ~ ((" " ~ source_table) if source_table else "") ~ " for a gate to ask") }}
{%- endmacro %}

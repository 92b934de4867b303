"""Everything that dbt knows of is described, and nothing that is described is missing from the built tables."""

import ast
import re
from collections.abc import Iterator
from typing import Any

import yaml

from conftest import PROJECT, Warehouse

PACKAGE = "sbir_recipients"
PUBLISHED = ("enrichment", "analytics", "quality", "observability")
# What dbt reads of a column; anything else is a description that YAML cut at a comma.
COLUMN_KEYS = {"name", "description", "data_type", "data_tests", "config", "constraints"}
Node = dict[str, Any]


def tables(manifest: dict[str, dict[str, Node]]) -> list[Node]:
    nodes = [node for node in manifest["nodes"].values() if node["resource_type"] in ("model", "seed")]
    return [*nodes, *manifest["sources"].values()]


def own_macros(manifest: dict[str, dict[str, Node]]) -> list[Node]:
    """The project's macros, without those that only implement another one for an engine."""
    own = [macro for macro in manifest["macros"].values() if macro["package_name"] == PACKAGE]
    names = {macro["name"] for macro in own}
    return [macro for macro in own if macro["name"].partition("__")[2] not in names]


def argument_names(macro: Node) -> list[str]:
    """The arguments of a macro, as its first line has them; a materialization has none."""
    if macro["name"].startswith("materialization_"):
        return []
    header = re.match(r"\{%[-+]?\s*(?:macro|test)\s+\w+\s*\((.*?)\)\s*[-+]?%\}", macro["macro_sql"], re.DOTALL)
    assert header, f"{macro['name']}: its first line is not understood"
    (function,) = ast.parse(f"def macro({header[1]}): pass").body
    assert isinstance(function, ast.FunctionDef)
    return [argument.arg for argument in function.args.args]


def built_columns(warehouse: Warehouse) -> dict[str, dict[str, str]]:
    """Columns and their types by table, of the working and the published file."""
    built: dict[str, dict[str, str]] = {}
    for published in (True, False):
        for table, column, kind in warehouse.query(
            "select schema_name || '.' || table_name, column_name, lower(data_type) from duckdb_columns() "
            "where database_name = current_database() order by column_index",
            published=published,
        ):
            built.setdefault(str(table), {})[str(column)] = str(kind)
    return built


def column_entries() -> Iterator[tuple[str, Node]]:
    for folder in ("models", "seeds"):
        for file in (PROJECT / folder).rglob("*.yml"):
            content = yaml.safe_load(file.read_text(encoding="utf-8"))
            described = content.get("models", []) + content.get("seeds", [])
            described += [table for source in content.get("sources", []) for table in source["tables"]]
            for table in described:
                for column in table.get("columns", []):
                    yield f"{file.name}: {table['name']}", column


def test_every_table_is_described(manifest: dict[str, dict[str, Node]]) -> None:
    assert [table["unique_id"] for table in tables(manifest) if not table["description"]] == []
    assert len(tables(manifest)) > 80


def test_models_and_sources_say_their_grain(manifest: dict[str, dict[str, Node]]) -> None:
    assert [
        table["unique_id"]
        for table in tables(manifest)
        if table["resource_type"] != "seed" and not re.search(r"[Oo]ne row|At most five", table["description"])
    ] == []


def test_described_columns_are_those_that_are_built(
    manifest: dict[str, dict[str, Node]], built_sample: Warehouse
) -> None:
    built = built_columns(built_sample)
    for table in tables(manifest):
        described = {name for name, column in table["columns"].items() if column["description"]}
        assert described == set(built[f"{table['schema']}.{table['name']}"]), table["unique_id"]


def test_described_types_are_those_that_are_built(
    manifest: dict[str, dict[str, Node]], built_sample: Warehouse
) -> None:
    built = built_columns(built_sample)
    differing = {
        f"{table['schema']}.{table['name']}.{name}": (column["data_type"], kind)
        for table in tables(manifest)
        for name, column in table["columns"].items()
        if column["data_type"]
        and re.sub(r"\s", "", column["data_type"])
        != re.sub(r"\s", "", kind := built[f"{table['schema']}.{table['name']}"][name])
    }
    assert differing == {}


def test_no_description_is_cut_at_a_comma() -> None:
    entries = list(column_entries())
    assert {
        f"{where}.{column['name']}": unknown for where, column in entries if (unknown := set(column) - COLUMN_KEYS)
    } == {}
    assert len(entries) > 500


def test_every_macro_and_argument_is_described(manifest: dict[str, dict[str, Node]]) -> None:
    macros = own_macros(manifest)
    assert [macro["name"] for macro in macros if not macro["description"]] == []
    for macro in macros:
        described = [argument["name"] for argument in macro["arguments"] if argument["description"]]
        assert described == argument_names(macro), macro["name"]
    assert any(argument_names(macro) for macro in macros)


def test_every_singular_test_and_exposure_is_described(manifest: dict[str, dict[str, Node]]) -> None:
    singular = [
        node for node in manifest["nodes"].values() if node["resource_type"] == "test" and not node.get("test_metadata")
    ]
    described = [*singular, *manifest["exposures"].values()]
    assert [one["unique_id"] for one in described if not one["description"]] == []
    assert singular and manifest["exposures"]


def test_the_published_file_depends_on_all_that_is_published(manifest: dict[str, dict[str, Node]]) -> None:
    """A new table of these schemas is added to models/_exposures.yml."""
    expected = {
        table["unique_id"]
        for table in tables(manifest)
        if table["schema"] in PUBLISHED and table["config"].get("materialized") != "view"
    }
    assert set(manifest["exposures"][f"exposure.{PACKAGE}.published_file"]["depends_on"]["nodes"]) == expected


def test_only_loaded_records_have_fingerprints_as_sources(
    manifest: dict[str, dict[str, Node]], built_sample: Warehouse
) -> None:
    """What builds write themselves must not make them build anew."""
    fingerprinted = built_sample.query("select node from observability.fingerprints where node like 'source.%'")
    assert {node for (node,) in fingerprinted} == {
        name for name, source in manifest["sources"].items() if source["schema"] == "raw"
    }
    assert {source["schema"] for source in manifest["sources"].values()} == {"raw", "quarantine", "observability"}


def test_bookkeeping_is_described_in_the_files_themselves(
    manifest: dict[str, dict[str, Node]], built_sample: Warehouse
) -> None:
    comments = {
        str(name): str(comment)
        for name, comment in built_sample.query(
            "select schema_name || '.' || table_name || '.' || column_name, comment from duckdb_columns() "
            "where database_name = current_database() and schema_name = 'observability'",
            published=True,
        )
    }
    described = {
        f"{table['schema']}.{table['name']}.{name}": column["description"]
        for table in manifest["sources"].values()
        if table["schema"] == "observability"
        for name, column in table["columns"].items()
    }
    assert {name: comments[name] for name in described} == described


def test_constraints_are_of_tables_that_enforce_them(manifest: dict[str, dict[str, Node]]) -> None:
    constrained = [
        node
        for node in manifest["nodes"].values()
        if node.get("constraints") or any(column.get("constraints") for column in node.get("columns", {}).values())
    ]
    assert len(constrained) > 80
    assert {node["config"]["materialized"] for node in constrained} == {"reusable_table"}

"""Write docs/data_dictionary.md: every table and column as the project's yml describes them; nothing need be built.

Exit codes: 0 written, 2 dbt cannot read the project, or the file cannot be written.
"""

import csv
import json
import os
import re
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from database.warehouse import WarehouseError
from interface.command_line import run_command
from interface.dbt_command import DBT

PROJECT = Path(__file__).parents[1]
TARGET = PROJECT / "target" / "dictionary"
DICTIONARY = PROJECT / "docs" / "data_dictionary.md"
# What analysts read comes first.
SCHEMAS = {
    "enrichment": "Every award with its recipient. Published.",
    "analytics": "What analysts read; built only where every gate holds. Published.",
    "quality": "Gates, and reports that are built whatever the gates say. Published.",
    "observability": "What was loaded, run, published and raised. Published.",
    "staging": "Types, valid identifiers and canonical award numbers; the seeds. In the working file.",
    "intermediate": "Names, entities, rules, similar names and links. In the working file.",
    "raw": "The files as they were loaded, all text. In the working file; holds personal data.",
    "quarantine": "Records that could not be read. In the working file; may hold personal data.",
}
CLOSED_LISTS = {"match_methods": "Match methods", "unmatched_reasons": "Reasons why an award is not matched"}
STATUS_COLUMN = "_usaspending_match_status"
INTRODUCTION = """# Data dictionary

Every table and column. Written by `make dictionary` from the descriptions in the project's yml: change these, not this
file. The tables themselves carry the same texts as comments: `select * from duckdb_columns()`.
"""
Manifest = Mapping[str, Mapping[str, Any]]


def read_manifest() -> Manifest:
    """Let dbt read the project.

    Returns:
        What dbt knows: nodes and sources by their identifiers.

    Raises:
        WarehouseError: if dbt finds the project wrong.
    """
    done = subprocess.run(  # noqa: S603
        [DBT, "--quiet", "parse", "--target-path", str(TARGET)],
        cwd=PROJECT,
        # Reading needs no warehouse, so it waits for none.
        env={"DBT_PROFILES_DIR": "profiles", **os.environ, "SBIR_WAREHOUSE_DIR": str(TARGET)},
        check=False,
    )
    if done.returncode:
        raise WarehouseError(f"dbt cannot read the project (exit code {done.returncode}). Mend what it names above")
    manifest: Manifest = json.loads((TARGET / "manifest.json").read_text(encoding="utf-8"))
    return manifest


def render(manifest: Manifest) -> str:
    """Render the dictionary.

    Args:
        manifest: as dbt writes it; equal ones give equal texts.

    Returns:
        Markdown.
    """
    keys = dict(_keys(manifest))
    tables = [node for node in manifest["nodes"].values() if node["resource_type"] in ("model", "seed")]
    tables += manifest["sources"].values()
    by_schema = {
        schema: sorted((one for one in tables if one["schema"] == schema), key=lambda one: str(one["name"]))
        for schema in SCHEMAS
    }
    parts = [INTRODUCTION, _contents(by_schema), "## Closed lists\n", _statuses(manifest)]
    parts += [_closed_list(manifest, seed, title) for seed, title in CLOSED_LISTS.items()]
    for schema, described in by_schema.items():
        parts.append(f"## {schema}\n\n{SCHEMAS[schema]}\n")
        parts += [_table(one, keys.get(one["unique_id"])) for one in described]
    return "\n".join(parts)


def _keys(manifest: Manifest) -> Iterator[tuple[str, list[str]]]:
    """The columns by which a table has one row each: its first key among constraints, else of its data test `grain`."""
    for name, node in manifest["nodes"].items():
        keys = [one["columns"] for one in node.get("constraints", []) if one["type"] in ("primary_key", "unique")]
        metadata = node.get("test_metadata") or {}
        if keys:
            yield name, keys[0]
        elif metadata.get("name") == "grain":
            yield node["attached_node"], metadata["kwargs"]["columns"]


def _contents(by_schema: Mapping[str, list[Mapping[str, Any]]]) -> str:
    rows = [
        (f"[{schema}](#{schema})", ", ".join(f"[{one['name']}](#{schema}{one['name']})" for one in tables))
        for schema, tables in by_schema.items()
    ]
    return _markdown_table(("schema", "tables"), rows)


def _statuses(manifest: Manifest) -> str:
    (values,) = [
        node["test_metadata"]["kwargs"]["values"]
        for node in manifest["nodes"].values()
        if (node.get("test_metadata") or {}).get("name") == "accepted_values"
        and node["column_name"] == STATUS_COLUMN
        and node["attached_node"].endswith(".enriched_sbir_awards")
    ]
    return f"### Match statuses\n\n{', '.join(f'`{value}`' for value in values)}\n"


def _closed_list(manifest: Manifest, seed: str, title: str) -> str:
    (described,) = [node for node in manifest["nodes"].values() if node["unique_id"].endswith(f".{seed}")]
    with (PROJECT / "seeds" / f"{seed}.csv").open(encoding="utf-8", newline="") as lines:
        header, *rows = csv.reader(lines)
    table = _markdown_table(header, [[escape(value) for value in row] for row in rows])
    return f"### {title}\n\n{escape(described['description'])}\n\n{table}"


def _table(table: Mapping[str, Any], key: list[str] | None) -> str:
    purpose, grain = _purpose_and_grain(" ".join(table["description"].split()))
    lines = [f"### {table['schema']}.{table['name']}\n", f"{escape(purpose)}\n"]
    facts = [f"Grain: {escape(grain)}"] if grain else []
    if key:
        facts.append(f"Key: {', '.join(f'`{column}`' for column in key)}.")
    if facts:
        lines.append(" ".join(facts) + "\n")
    types = _types(table)
    header = ("column", "type", "description") if types else ("column", "description")
    rows = [
        (f"`{name}`", *([types.get(name, "")] if types else []), escape(" ".join(column["description"].split())))
        for name, column in table["columns"].items()
    ]
    return "\n".join([*lines, _markdown_table(header, rows)])


def _types(table: Mapping[str, Any]) -> dict[str, str]:
    seeded = (table["config"].get("column_types") or {}) if table["resource_type"] == "seed" else {}
    given = {name: column["data_type"] or seeded.get(name) for name, column in table["columns"].items()}
    return {name: kind for name, kind in given.items() if kind}


def _purpose_and_grain(description: str) -> tuple[str, str]:
    """Part a description from its sentence that begins with "One row"."""
    found = re.search(r"(?:^|(?<=[.;] ))One row[^.]*\.", description)
    if not found:
        return description, ""
    rest = (description[: found.start()] + description[found.end() :].lstrip()).strip()
    return rest, found[0][0].lower() + found[0][1:]


def escape(text: str) -> str:
    """Escape what Markdown would take for markup; names with underscores and what stands in backticks become code.

    Args:
        text: one line.
    """
    parts = re.split(r"(`[^`]*`|[\w./]*_[\w./]*\w)", text)
    return "".join(
        f"`{part.strip('`')}`".replace("|", "\\|") if is_code else re.sub(r"([\\`*_<>\[\]|])", r"\\\1", part)
        for is_code, part in ((position % 2, part) for position, part in enumerate(parts))
    )


def _markdown_table(header: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    titles = list(header)
    lines = [titles, ["---"] * len(titles), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


@click.command()
def main() -> None:
    """Write docs/data_dictionary.md anew."""
    DICTIONARY.write_text(render(read_manifest()), encoding="utf-8")
    click.echo(f"Wrote {DICTIONARY.relative_to(PROJECT)}")


if __name__ == "__main__":
    run_command(main)

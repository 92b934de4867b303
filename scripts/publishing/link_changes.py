"""What changed in the links between two versions, by the very macro of the model quality.rpt_link_changes."""

import json
from pathlib import Path

import duckdb

from database.project_macros import project_macros
from database.warehouse import quoted

# The names under which the two versions are attached.
BEFORE, AFTER = "before", "after"
# What the gate continuity reads of a version, see macros/dialect/published_run.sql.
GATE_TABLES = ("observability.input_measures", "observability.publication", "quality.gate_results")


def compared_tables() -> dict[str, str]:
    """What a comparison reads: the tables of a version, with their schema, by the names that the macro has for them."""
    tables = json.loads(str(project_macros("quality/link_changes.sql").compared_tables()))
    return {name: table["name"] for name, table in tables.items()}


def comparison() -> str:
    """The query of the changes between two versions that are attached as `BEFORE` and `AFTER`."""
    tables = compared_tables()
    before, after = ({name: f'"{version}".{table}' for name, table in tables.items()} for version in (BEFORE, AFTER))
    recipient_code = project_macros("dialect/recipient_code.sql").duckdb__recipient_code
    return str(project_macros("quality/link_changes.sql").link_changes(before, after, recipient_code))


def attach_version(connection: duckdb.DuckDBPyConnection, path: Path, name: str) -> None:
    """Attach a published file, to be read only, once what is compared of it is seen to be whole.

    Args:
        connection: DuckDB connection.
        path: the file.
        name: to attach it under.

    Raises:
        duckdb.Error: if it cannot be read; then it is not attached.
    """
    connection.execute(f"attach {quoted(path)} as {name} (read_only)")
    try:
        present = connection.execute(
            "select schema_name || '.' || table_name from duckdb_tables() where database_name = ?", [name]
        ).fetchall()
        for table in (*compared_tables().values(), *GATE_TABLES):
            if (table,) in present:
                # Every block has a checksum, which reading it compares.
                connection.execute(f"select bit_xor(hash(contents)) from {name}.{table} as contents").fetchall()  # noqa: S608
    except duckdb.Error:
        connection.execute(f"detach {name}")
        raise

"""What must hold of the working file before it is published: whole, as its last green build left it, and gated."""

import os
import re
import subprocess
from pathlib import Path

import duckdb

from database.lock import BUILDER
from database.warehouse import WarehouseError, first_line, published_path, working_path
from interface.dbt_command import DBT, first_error
from loading.tables import changed_inputs
from publishing.contents import read_contents
from recording.run_history import history_tables

PROJECT = Path(__file__).parents[2]
# As macros/gates/report_gates.sql says it.
FAILED_GATE = re.compile(r"Gate (\w+) FAILED: (.+)")
# As macros/builds/report_shortage.sql says it.
SHORTAGE = re.compile(r"\S+ did not get by with .+|The disk of .+ is full\. .+")

# Kept beside the models in the schemas that are published, not made by models.
BOOKKEEPING = ("observability.fingerprints", "observability.whole_build")
# Likewise; a file may lack them, since what cannot be recorded fails no build.
RUN_HISTORY = tuple(f"observability.{name}" for name in history_tables())
REMEDY = "Run: make build"
# Apart from observability: what a build says of itself and of the version before, whatever it links.
TOLD_OF_THE_BUILD = ("quality.gate_results", "quality.rpt_link_changes")


def built_tables(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Name the tables that the last whole build left, which are those to publish.

    Args:
        connection: open on the working file.

    Returns:
        Names with their schema, sorted.

    Raises:
        WarehouseError: if no whole build stands in the file, or a table of it is gone.
    """
    present = _present_tables(connection)
    if "observability.whole_build" not in present:
        raise WarehouseError(
            f"Not published: {working_path()} holds no whole build: nothing was built since the last load, "
            f"or only a part, or something failed. {REMEDY}"
        )
    tables = [
        name
        for (name,) in connection.execute(
            "select table_name from observability.whole_build order by table_name"
        ).fetchall()
    ]
    if missing := [table for table in tables if table not in present]:
        raise WarehouseError(f"Not published: {working_path()} is not whole, it lacks {', '.join(missing)}. {REMEDY}")
    return tables


def run_history_tables(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Name the tables of the run history that the working file has."""
    return sorted(_present_tables(connection) & set(RUN_HISTORY))


def _present_tables(connection: duckdb.DuckDBPyConnection) -> set[str]:
    return {
        f"{schema}.{name}"
        for schema, name in connection.execute(
            "select table_schema, table_name from information_schema.tables where table_catalog = current_database()"
        ).fetchall()
    }


def find_failed_gates() -> list[str]:
    """Ask the gate tests through dbt, with the tables and settings as they are now, whatever verdicts are stored.

    The caller holds the warehouse and has no connection open to the working file.

    Returns:
        A line for each gate that fails, with its numbers.

    Raises:
        WarehouseError: if dbt cannot ask them.
    """
    done = _run_dbt("test", "--select", "path:tests/gates")
    failed = [f"gate {gate} fails: {message}" for gate, message in FAILED_GATE.findall(done.stdout)]
    if shortage := SHORTAGE.search(done.stdout):
        raise WarehouseError(f"Not published: {shortage[0]}")
    if done.returncode and not failed:
        raise WarehouseError(f"Not published: the gates cannot be asked: {first_error(done.stdout)}")
    return sorted(failed)


def record_gates() -> None:
    """Write the verdicts of today's settings, and what else they decide, into the working file's tables.

    The caller holds the warehouse and has no connection open to the working file.

    Raises:
        WarehouseError: if dbt cannot write them.
    """
    done = _run_dbt("run", "--select", "tag:settings")
    if shortage := SHORTAGE.search(done.stdout):
        raise WarehouseError(f"Not published: {shortage[0]}")
    if done.returncode:
        raise WarehouseError(f"Not published: the gates cannot be recorded: {first_error(done.stdout)}")


def _run_dbt(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603
        # Neither a run of its own nor what `dbt retry` goes by.
        [DBT, "--no-use-colors", "--no-write-json", *arguments],
        cwd=PROJECT,
        env={"DBT_PROFILES_DIR": "profiles", **os.environ, BUILDER: str(os.getpid())},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


def find_changed_tables(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Find the tables that are not, row for row, as they were loaded or as the last whole build left them.

    Args:
        connection: open on the working file, which holds a whole build.

    Returns:
        A line for each of them.
    """
    found = []
    if "raw.load_history" in _present_tables(connection):
        found = [
            f"raw.{name} is not as it was loaded: another command or hand changed it. {REMEDY}"
            for name in changed_inputs(connection)
        ]
    for table, recorded in connection.execute(
        "select table_name, contents from observability.whole_build order by table_name"
    ).fetchall():
        try:
            row = connection.execute("select content_digest from observability.content_digest(?)", [table]).fetchone()
        except duckdb.OutOfMemoryException:
            raise
        except duckdb.Error as error:
            found.append(f"{table} cannot be read: {first_line(error)}. {REMEDY}")
            continue
        if row is None or row[0] != recorded:
            found.append(
                f"{table} is not as the last whole build left it: another command or hand changed it. {REMEDY}"
            )
    return found


def holds_sample(connection: duckdb.DuckDBPyConnection) -> bool:
    """Whether the tables were built from the sample.

    Args:
        connection: open on the working file.
    """
    found = connection.execute(
        "select coalesce(bool_or(is_sample), false) from observability.loads where is_current"
    ).fetchall()
    return bool(found[0][0])


def is_unchanged(connection: duckdb.DuckDBPyConnection, tables: list[str]) -> bool:
    """Whether the published file holds the same rows already, and can be read to its end.

    Args:
        connection: open on the working file, whose tables are as the last whole build left them.
        tables: those to publish, names with schema.
    """
    try:
        published = read_contents(published_path())
    except duckdb.Error:
        return False
    recorded = dict(connection.execute("select table_name, contents from observability.whole_build").fetchall())
    return all(
        table in published and (not _is_compared(table) or published[table] == recorded[table]) for table in tables
    )


def _is_compared(table: str) -> bool:
    return not table.startswith("observability.") and table not in TOLD_OF_THE_BUILD

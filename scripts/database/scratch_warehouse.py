"""A warehouse of its own, gone after use, in which the project's models link two lists of names."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from database.warehouse import WarehouseError, connect, first_line
from interface.dbt_command import first_error
from loading.tables import load_file, make_tables

PROJECT = Path(__file__).parents[2]
WAITING_DBT = [sys.executable, "-P", str(Path(__file__).with_name("waiting_dbt.py"))]
LISTS = {"awards": "queries", "recipients": "universe"}


@contextmanager
def scratch_warehouse() -> Iterator[Path]:
    """A folder for a warehouse that is removed in the end."""
    with tempfile.TemporaryDirectory(prefix="sbir-scratch-") as folder:
        yield Path(folder)


def load_lists(folder: Path, queries: Path, universe: Path) -> None:
    """Load the lists as awards and recipients: a query is an award, a row of the universe a recipient of its own.

    Args:
        folder: the scratch warehouse.
        queries: CSV, CSV.gz or Parquet with query_id and name; state, city and zip where known.
        universe: the same with recipient_row_id for query_id.

    Raises:
        WarehouseError: if a file cannot be read in full, an identifier is missing or occurs twice.
    """
    with connect(folder, reach={queries.absolute().parent, universe.absolute().parent}) as connection:
        make_tables(connection)
        for (table, layout), path in zip(LISTS.items(), (queries, universe), strict=True):
            try:
                loaded = load_file(connection, table, path, lambda _: None, layout=layout, scratch=folder)
            except (OSError, duckdb.Error) as error:
                raise WarehouseError(f"{path}: cannot be read: {first_line(error)}") from error
            if loaded.quarantined:
                raise WarehouseError(_describe_rejects(connection, table, path))
            if loaded.rows == 0:
                raise WarehouseError(f"{path}: the file holds no records")
        _check_identifiers(connection, "awards", "agency_tracking_number", "query_id", queries)
        _check_identifiers(connection, "recipients", "id", "recipient_row_id", universe)


@contextmanager
def dbt_beside(folder: Path) -> Iterator[Callable[[str], None]]:
    """Let dbt read the project meanwhile, in a process of its own, which ends with the block at the latest.

    Args:
        folder: the scratch warehouse.

    Yields:
        What builds a selection, as dbt's `--select` takes it, without tests, once. It raises WarehouseError if dbt
        fails, with the first error that it printed.
    """
    with subprocess.Popen(  # noqa: S603
        WAITING_DBT,
        cwd=PROJECT,
        env=_dbt_environment(folder),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as dbt:

        def build(selection: str) -> None:
            output, _ = dbt.communicate(selection)
            if dbt.returncode:
                raise WarehouseError(f"The models could not be built: {first_error(output)}")

        try:
            yield build
        finally:
            dbt.kill()


def _dbt_environment(folder: Path) -> dict[str, str]:
    return {
        **os.environ,
        "SBIR_WAREHOUSE_DIR": str(folder.absolute()),
        "DBT_PROFILES_DIR": str(PROJECT / "profiles"),
        "DBT_TARGET_PATH": str(folder / "target"),
        "DBT_LOG_PATH": str(folder / "logs"),
        "DBT_LOG_LEVEL_FILE": "none",
        "DBT_WRITE_JSON": "false",
    }


def _describe_rejects(connection: duckdb.DuckDBPyConnection, table: str, path: Path) -> str:
    row = connection.execute(
        f"select count(*), min(record_number), min_by(reason, record_number) from quarantine.{table}"  # noqa: S608
    ).fetchone()
    assert row is not None  # noqa: S101
    return f"{path}: {row[0]:,} records cannot be read, the first is record {row[1]:,} ({row[2]}). Mend the file"


def _check_identifiers(connection: duckdb.DuckDBPyConnection, table: str, column: str, header: str, path: Path) -> None:
    if row := connection.execute(
        f"select min(_row_number) from raw.{table} where {column} is null or trim({column}) = '' having count(*) > 0"  # noqa: S608
    ).fetchone():
        raise WarehouseError(f"{path}: record {row[0]:,} has no {header}. Give each record one of its own")
    if row := connection.execute(
        f"select {column} from raw.{table} group by {column} having count(*) > 1 order by min(_row_number) limit 1"  # noqa: S608
    ).fetchone():
        raise WarehouseError(f"{path}: the {header} {row[0]!r} occurs more than once. Give each record one of its own")

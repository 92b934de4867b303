"""The history of all runs: a file per run beside the working file, and the tables that are made from these files.

The files outlive the working file. A run is a make build, or a load or dbt command by itself.
"""

import gzip
import json
import re
import zlib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

from database.described_tables import describe_table, described_tables
from database.warehouse import quoted, warehouse_folder
from interface.settings import setting

ENDING = ".json.gz"
# Of a run that has not ended.
RUNNING = f".running{ENDING}"
# Year to second, at the beginning of a file's name.
STAMP_LENGTH = 14
# Other files in the folder, such as the `._` files of macOS archives, are left alone.
RUN_FILE = re.compile(rf"[0-9]+-(?P<run_id>[\w-]+)(?:{re.escape(RUNNING)}|{re.escape(ENDING)})")
# A run: its rows by table.
Run = dict[str, list[dict[str, Any]]]


def history_folder() -> Path:
    """Where the files of all runs lie."""
    return warehouse_folder() / "history"


def kept_runs() -> int:
    """How many runs are kept: `SBIR_KEEP_RUNS`.

    Raises:
        SettingError: if the variable is not such a number.
    """
    return int(setting("SBIR_KEEP_RUNS"))


def history_tables() -> dict[str, dict[str, Any]]:
    """The tables of the history by name, as the project describes them: name, description, columns with data_type."""
    return described_tables("_run_history__sources.yml")


def run_files() -> dict[str, Path]:
    """The file of each run by run_id, oldest first; before them those whose stamp lies in the future."""
    files = sorted(history_folder().glob(f"*{ENDING}"), key=lambda file: (not _is_future(file), file.name))
    named = ((RUN_FILE.fullmatch(file.name), file) for file in files)
    return {name["run_id"]: file for name, file in named if name and file.is_file()}


def _is_future(file: Path) -> bool:
    return file.name[:STAMP_LENGTH] > f"{datetime.now(UTC):%Y%m%d%H%M%S}"


def read_run(file: Path) -> Run | None:
    """Read the file of a run.

    Returns:
        Its rows by table; None where the file is damaged, cannot be read or holds something else.
    """
    try:
        run = json.loads(gzip.decompress(file.read_bytes()))
    except (EOFError, OSError, ValueError, RecursionError, zlib.error):
        return None
    return run if _is_run(run) else None


def _is_run(run: Any) -> bool:  # noqa: ANN401
    is_rows = isinstance(run, dict) and all(
        isinstance(rows, list) and all(isinstance(row, dict) for row in rows) for rows in run.values()
    )
    if not is_rows or len(run.get("runs", [])) != 1:
        return False
    row = run["runs"][0]
    return all(isinstance(row.get(column), str) for column in ("run_id", "command", "status", "started_at"))


def write_run(run: Run) -> None:
    """Write the file of a run, in place of the one it has.

    Args:
        run: its rows by table, among them the one of `runs`.

    Raises:
        OSError: if it cannot be written.
    """
    (row,) = run["runs"]
    stamp = re.sub(r"\D", "", row["started_at"])[:STAMP_LENGTH]
    folder = history_folder()
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{stamp}-{row['run_id']}{RUNNING if row['status'] == 'running' else ENDING}"
    fresh = file.with_name(f"{file.name}.writing")
    fresh.write_bytes(gzip.compress(json.dumps(run).encode(), compresslevel=3, mtime=0))
    fresh.replace(file)
    for earlier in folder.glob(f"*-{row['run_id']}.*"):
        if earlier != file:
            earlier.unlink()


def end_interrupted_runs() -> None:
    """Note of runs that were killed that they are over; the caller holds the warehouse, so none is at work."""
    for file in run_files().values():
        if not file.name.endswith(RUNNING):
            continue
        run = read_run(file)
        if run is None:
            file.unlink()
        else:
            run["runs"][0]["status"] = "interrupted"
            write_run(run)


def remove_old_runs() -> None:
    """Remove the files of all but the newest runs; a file that is damaged counts as any other.

    A run that a wrong clock stamped in the future is neither counted nor removed: it must not push out real ones.
    """
    files = [file for file in run_files().values() if not _is_future(file)]
    for file in files[: max(len(files) - kept_runs(), 0)]:
        file.unlink(missing_ok=True)


def update_tables(connection: duckdb.DuckDBPyConnection, changed: str) -> None:
    """Bring the tables of a working file to what the files say.

    Args:
        connection: open on the working file, for writing.
        changed: run_id of the run that was written since the last time.
    """
    connection.execute("begin; create schema if not exists observability")
    for table in history_tables().values():
        _make_table(connection, table)
    stale = {
        run_id
        for (run_id,) in connection.execute(
            "select run_id from observability.runs where status = 'running' or run_id = ?", [changed]
        ).fetchall()
    }
    known = {run_id for (run_id,) in connection.execute("select run_id from observability.runs").fetchall()}
    files = run_files()
    connection.execute(
        "update observability.runs set status = 'interrupted' "
        "where status = 'running' and not list_contains(?, run_id)",
        [list(files)],
    )
    for run_id, file in files.items():
        if (run_id in stale or run_id not in known) and (run := read_run(file)):
            for name in history_tables():
                _replace_rows(connection, name, run_id, run.get(name, []))
    for name in history_tables():
        connection.execute(
            f"delete from observability.{name} where run_id not in ("  # noqa: S608
            f"select run_id from observability.runs where started_at > $now or run_id in (select run_id from "
            f"observability.runs where started_at <= $now order by started_at desc limit {kept_runs()}))",
            {"now": timestamp(datetime.now(UTC))},
        )
    connection.execute("commit")


def earlier_loads(columns: list[str]) -> list[dict[str, Any]]:
    """What earlier runs noted of loads, each once: for a working file that has lost its own history.

    Args:
        columns: of `raw.load_history`.

    Returns:
        Rows of that table; none of them is current any more.
    """
    found = {}
    for file in run_files().values():
        for row in (read_run(file) or {}).get("loads", []):
            found[(row.get("load_id"), row.get("file_name"), row.get("loaded_at"))] = {
                **{column: row.get(column) for column in columns},
                "is_current": False,
            }
    return list(found.values())


def timestamp(moment: datetime) -> str:
    """A moment as the files give it: UTC, to the microsecond, without a zone."""
    offset = moment.utcoffset() or timedelta(0)
    return (moment.replace(tzinfo=None) - offset).isoformat(sep=" ", timespec="microseconds")


def insert_rows(
    connection: duckdb.DuckDBPyConnection, table: str, types: dict[str, str], rows: list[dict[str, Any]]
) -> None:
    """Insert rows as JSON gives them; columns that a row lacks are null.

    Args:
        connection: open for writing.
        table: its name with schema.
        types: DuckDB type by column.
        rows: value by column.
    """
    structure = json.dumps([types])
    columns = ", ".join(types)
    connection.execute(
        f"insert into {table} ({columns}) select {columns} from "  # noqa: S608
        f"(select unnest(from_json(?::json, {quoted(structure)}), max_depth := 2))",
        [json.dumps(rows)],
    )


def _types(table: dict[str, Any]) -> dict[str, str]:
    return {column["name"]: column["data_type"] for column in table["columns"]}


def _make_table(connection: duckdb.DuckDBPyConnection, table: dict[str, Any]) -> None:
    """Make a table where it is not there as it is described; the files fill it."""
    name, types = table["name"], _types(table)
    there = connection.execute(
        "select column_name, lower(data_type) from duckdb_columns() "
        "where database_name = current_database() and schema_name = 'observability' and table_name = ?",
        [name],
    ).fetchall()
    if dict(there) == types:
        return
    columns = ", ".join(f"{column} {kind}" for column, kind in types.items())
    connection.execute(f"create or replace table observability.{name} ({columns})")
    describe_table(connection, f"observability.{name}", table)
    if name != "runs" and _has_runs(connection):
        # Without its runs every file is read again.
        connection.execute("delete from observability.runs")


def _has_runs(connection: duckdb.DuckDBPyConnection) -> bool:
    return bool(
        connection.execute(
            "select 1 from duckdb_tables() where database_name = current_database() "
            "and schema_name = 'observability' and table_name = 'runs'"
        ).fetchall()
    )


def _replace_rows(connection: duckdb.DuckDBPyConnection, name: str, run_id: str, rows: list[dict[str, Any]]) -> None:
    table = f"observability.{name}"
    connection.execute(f"delete from {table} where run_id = ?", [run_id])  # noqa: S608
    if rows:
        insert_rows(connection, table, _types(history_tables()[name]), rows)

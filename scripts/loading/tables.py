"""The raw, quarantine and history tables, and how a file or folder replaces what is in them."""

import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from database.project_macros import content_fingerprint
from database.warehouse import WarehouseError, peak_memory_mb
from loading.forms import Source, find_source
from loading.layout import INPUTS, read_layout, shortened
from loading.parts import LoadedPart, PartLoader, gather_notes
from loading.repeats import remove_repeats
from loading.streams import Progress
from recording.run_history import earlier_loads, insert_rows

TABLE_COMMENTS = {
    "awards": "SBIR.gov award records as they stand in the file, all text; holds personal contact data",
    "recipients": "USAspending recipient_lookup records as they stand in the file, all text",
    "prime_awards": "USAspending prime award records as they stand in the file, all text; "
    "each transaction and award once; _transaction_of is the award of a transaction",
}
HISTORY_COLUMNS = {
    "load_id": "varchar",
    "input": "varchar",
    "source": "varchar",
    "file_name": "varchar",
    "form": "varchar",
    "sha256": "varchar",
    "source_sha256": "varchar",
    "file_bytes": "bigint",
    "records_read": "bigint",
    "rows_loaded": "bigint",
    "rows_quarantined": "bigint",
    "rows_filtered": "bigint",
    "seconds": "double",
    "extract_seconds": "double",
    "import_seconds": "double",
    "peak_memory_mb": "double",
    "loaded_at": "timestamp",
    "is_sample": "boolean",
    "is_current": "boolean",
    "contents": "varchar",
}
ALREADY_LOADED = "this very file is loaded already: nothing was changed"


@dataclass(frozen=True)
class Loaded:
    """What became of a file or folder; notes say what a user should know."""

    name: str
    file_name: str
    records: int
    rows: int
    quarantined: int
    seconds: float
    notes: list[str]
    sha256: str
    filtered: int = 0
    filters: dict[str, int] = field(default_factory=dict)
    parts: int = 1


def make_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the schemas, tables and columns that are not there yet.

    Args:
        connection: open on the working file.
    """
    connection.execute("create schema if not exists raw; create schema if not exists quarantine")
    for name in INPUTS:
        columns = ", ".join(f"{column.name} varchar" for column in read_layout(name))
        connection.execute(
            f"create table if not exists raw.{name} (_row_number bigint, _load_id varchar, _loaded_on date, {columns})"
        )
        connection.execute(f"comment on table raw.{name} is '{TABLE_COMMENTS[name]}'")
        connection.execute(
            f"create table if not exists quarantine.{name} (load_id varchar, file_name varchar, "
            "record_number bigint, raw_text varchar, reason varchar)"
        )
        connection.execute(
            f"comment on table quarantine.{name} is 'Records of the current {name} file that could not be read: "
            "number of the record (the header is 1, blank lines count), raw text, reason'"
        )
    columns = ", ".join(f"{column} {kind}" for column, kind in HISTORY_COLUMNS.items())
    connection.execute(f"create table if not exists raw.load_history ({columns})")
    connection.execute(
        "create table if not exists raw.load_filters "
        "(load_id varchar, input varchar, file_name varchar, rule varchar, records bigint)"
    )
    _add_columns(connection)
    _restore_history(connection)
    connection.execute(
        "comment on table raw.load_history is "
        "'What each load read of each file, kept, quarantined and filtered; never deleted'"
    )
    connection.execute(
        "comment on table raw.load_filters is 'How many records of each file were left out by which rule'"
    )


def _add_columns(connection: duckdb.DuckDBPyConnection) -> None:
    """Bring tables that an earlier version made to today's columns."""
    there = {
        (str(table), str(column))
        for table, column in connection.execute(
            "select table_name, column_name from duckdb_columns() "
            "where database_name = current_database() and schema_name = 'raw'"
        ).fetchall()
    }
    for name in INPUTS:
        if (name, "_loaded_on") not in there:
            connection.execute(f"alter table raw.{name} add column _loaded_on date")
            connection.execute(
                f"update raw.{name} set _loaded_on = "  # noqa: S608
                f"(select max(loaded_at)::date from raw.load_history where input = '{name}' and is_current)"
            )
    for column in ("_transaction_of", *(column.name for column in read_layout("prime_awards"))):
        if ("prime_awards", column) not in there:
            connection.execute(f"alter table raw.prime_awards add column {column} varchar")
    missing = [column for column in HISTORY_COLUMNS if ("load_history", column) not in there]
    for column in missing:
        connection.execute(f"alter table raw.load_history add column {column} {HISTORY_COLUMNS[column]}")
    if "contents" in missing:
        for name in INPUTS:
            connection.execute(
                "update raw.load_history set contents = ? where input = ? and is_current",
                [digest_of_rows(connection, name), name],
            )
    if missing:
        connection.execute(
            "update raw.load_history set source = coalesce(source, file_name), "
            "rows_filtered = coalesce(rows_filtered, 0), source_sha256 = coalesce(source_sha256, sha256)"
        )


def _restore_history(connection: duckdb.DuckDBPyConnection) -> None:
    """Where the working file was lost, its loads are known from the history of runs."""
    if count(connection, "raw.load_history") == 0 and (loads := earlier_loads(list(HISTORY_COLUMNS))):
        insert_rows(connection, "raw.load_history", HISTORY_COLUMNS, loads)


def empty_table(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    """Empty a raw table and its quarantine; its load is no longer the current one."""
    connection.execute(f"delete from raw.{name}")  # noqa: S608
    connection.execute(f"delete from quarantine.{name}")  # noqa: S608
    connection.execute("update raw.load_history set is_current = false where input = ?", [name])


def load_file(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    path: Path,
    advance: Progress,
    *,
    layout: str | None = None,
    is_sample: bool = False,
    source: Source | None = None,
    scratch: Path | None = None,
) -> Loaded:
    """Replace a raw table by the records of a file or folder, inside the caller's transaction.

    Args:
        connection: open on the working file, in a transaction.
        name: awards, recipients or prime_awards.
        path: in any form that `find_source` knows.
        advance: told the number of bytes done.
        layout: the layout of `input_columns.csv` that binds the header, where it is not the input's own.
        is_sample: whether the file belongs to the committed sample.
        source: what the path holds, where that is known already.
        scratch: folder for what is unpacked, where the connection reaches not the system's.

    Returns:
        What became of it.

    Raises:
        WarehouseError: if it cannot be read, lacks a required column, or a record of it is
            neither loaded nor quarantined nor filtered.
    """
    started = time.perf_counter()
    source = source or find_source(path, name)
    sha256 = source.digest()
    if layout is None and (known := find_current_load(connection, name, sha256)):
        advance(source.file_bytes)
        records, rows, quarantined, filtered, parts = known
        seconds = time.perf_counter() - started
        return Loaded(
            name, source.name, records, rows, quarantined, seconds, [ALREADY_LOADED], sha256, filtered, parts=parts
        )
    empty_table(connection, name)
    load_id = f"{name}-{sha256[:12]}"
    loader = PartLoader(connection, name, load_id, layout or name, advance)
    with tempfile.TemporaryDirectory(prefix="sbir-load-", dir=scratch) as unpacked:
        loaded = loader.load_all(source.parts, Path(unpacked), source.notes)
    source.check_unchanged()
    notes = [*source.notes, *gather_notes(loaded)]
    if name == "prime_awards":
        loaded, more = remove_repeats(connection, loaded)
        notes += more
    rows = sum(part.rows for part in loaded)
    quarantined = sum(part.quarantined for part in loaded)
    if rows == 0 and quarantined and layout is None:
        raise WarehouseError(
            f"{source.name}: none of the {quarantined:,} records can be read ({_reasons(connection, name)}). "
            "Mend the file or get it again"
        )
    if name == "awards" and rows == 0 and layout is None:
        raise WarehouseError(f"{source.name}: the file holds no awards. Get it again")
    # What was built is not of what is loaded any more: publishing waits for the next build.
    for table in ("whole_build", "unfinished_build"):
        connection.execute(f"drop table if exists observability.{table}")
    write_history(connection, name, load_id, source, sha256, loaded, is_sample=is_sample)
    filters: Counter[str] = Counter()
    for part in loaded:
        filters.update(part.filters)
    return Loaded(
        name,
        source.name,
        sum(part.records for part in loaded),
        rows,
        quarantined,
        time.perf_counter() - started,
        notes,
        sha256,
        sum(filters.values()),
        dict(filters),
        len(loaded),
    )


def _reasons(connection: duckdb.DuckDBPyConnection, name: str) -> str:
    """Why records of an input are in quarantine, the most frequent reason first."""
    reasons = connection.execute(
        f"select reason from quarantine.{name} group by reason order by count(*) desc, reason"  # noqa: S608
    ).fetchall()
    return shortened([str(reason) for (reason,) in reasons])


def write_history(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    load_id: str,
    source: Source,
    sha256: str,
    loaded: list[LoadedPart],
    *,
    is_sample: bool,
) -> None:
    """Write a row of history for each part, and what the filters left out."""
    connection.execute("delete from raw.load_filters where load_id = ?", [load_id])
    peak = round(peak_memory_mb(), 1)
    contents = digest_of_rows(connection, name)
    for part in loaded:
        history = {
            "load_id": load_id,
            "input": name,
            "source": source.name,
            "file_name": part.part.name,
            "form": part.form,
            "sha256": sha256 if len(loaded) == 1 else part.sha256,
            "source_sha256": sha256,
            "file_bytes": part.part.file_bytes,
            "records_read": part.records,
            "rows_loaded": part.rows,
            "rows_quarantined": part.quarantined,
            "rows_filtered": part.filtered,
            "seconds": round(part.seconds, 3),
            "extract_seconds": round(part.extract_seconds, 3),
            "import_seconds": round(part.seconds - part.extract_seconds, 3),
            "peak_memory_mb": peak,
            "is_sample": is_sample,
            "is_current": True,
            "contents": contents,
        }
        connection.execute(
            f"insert into raw.load_history ({', '.join(history)}, loaded_at) "  # noqa: S608
            f"values ({', '.join('?' * len(history))}, localtimestamp)",
            [*history.values()],
        )
        for rule, records in part.filters.items():
            connection.execute(
                "insert into raw.load_filters values (?, ?, ?, ?, ?)", [load_id, name, part.part.name, rule, records]
            )


def find_current_load(
    connection: duckdb.DuckDBPyConnection, name: str, sha256: str
) -> tuple[int, int, int, int, int] | None:
    """What the current load of an input made of this very content, where its rows are still those it loaded.

    Args:
        connection: open on the working file.
        name: awards, recipients or prime_awards.
        sha256: of the source.

    Returns:
        Records read, rows, quarantined and filtered ones, number of parts; None where another file, or none, is loaded.
    """
    row = connection.execute(
        "select coalesce(sum(records_read), 0), coalesce(sum(rows_loaded), 0), coalesce(sum(rows_quarantined), 0), "
        "coalesce(sum(rows_filtered), 0), count(*) "
        "from raw.load_history where input = ? and source_sha256 = ? and is_current and not is_sample",
        [name, sha256],
    ).fetchone()
    if not row or not row[4]:
        return None
    if row[2] != count(connection, f"quarantine.{name}") or name in changed_inputs(connection):
        return None
    records, rows, quarantined, filtered, parts = map(int, row)
    return records, rows, quarantined, filtered, parts


def digest_of_rows(connection: duckdb.DuckDBPyConnection, name: str) -> str:
    """A text that changes with any value of the raw table of an input.

    Args:
        connection: open on the working file.
        name: awards, recipients or prime_awards.
    """
    return str(connection.execute(content_fingerprint(f"raw.{name}")).fetchall()[0][0])


def changed_inputs(connection: duckdb.DuckDBPyConnection) -> dict[str, bool]:
    """The inputs whose raw tables are not as they were loaded: another command or a hand changed them.

    Args:
        connection: open on the working file, with its raw tables.

    Returns:
        Whether it is the sample, by input.
    """
    loads = connection.execute(
        "select input, contents, bool_or(is_sample) from raw.load_history where is_current group by all order by input"
    ).fetchall()
    return {name: is_sample for name, contents, is_sample in loads if digest_of_rows(connection, name) != contents}


def count(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    """The number of rows of a table."""
    row = connection.execute(f"select count(*) from {table}").fetchone()  # noqa: S608
    return int(row[0]) if row else 0

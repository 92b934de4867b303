"""The raw, quarantine and history tables, and how one file gets into them."""

import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import duckdb
from load_layout import INPUTS, bind_header, read_layout
from load_scan import (
    MAX_RECORD_BYTES,
    Progress,
    count_outside,
    read_record,
    scan_csv,
    sha256_of,
)

from warehouse import WarehouseError, first_line, peak_memory_mb, quoted

TABLE_COMMENTS = {
    "awards": "SBIR.gov award records as they stand in the file, all text; holds personal contact data",
    "recipients": "USAspending recipient_lookup records as they stand in the file, all text",
    "prime_awards": "USAspending prime award records as they stand in the file, all text",
}


ALREADY_LOADED = "this very file is loaded already: nothing was changed"


@dataclass(frozen=True)
class Loaded:
    """What became of one file: records read = rows + quarantined; notes say what a user should know."""

    name: str
    file_name: str
    records: int
    rows: int
    quarantined: int
    seconds: float
    notes: list[str]


def make_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the schemas and tables that are not there yet.

    Args:
        connection: open on the working file.
    """
    connection.execute("create schema if not exists raw; create schema if not exists quarantine")
    for name in INPUTS:
        columns = ", ".join(f"{column.name} varchar" for column in read_layout(name))
        connection.execute(f"create table if not exists raw.{name} (_row_number bigint, _load_id varchar, {columns})")
        connection.execute(f"comment on table raw.{name} is '{TABLE_COMMENTS[name]}'")
        connection.execute(
            f"create table if not exists quarantine.{name} (load_id varchar, file_name varchar, "
            "record_number bigint, raw_text varchar, reason varchar)"
        )
        connection.execute(
            f"comment on table quarantine.{name} is 'Records of the current {name} file that could not be read: "
            "number of the record (the header is 1), raw text, reason'"
        )
    connection.execute(
        "create table if not exists raw.load_history (load_id varchar, input varchar, file_name varchar, "
        "sha256 varchar, file_bytes bigint, records_read bigint, rows_loaded bigint, "
        "rows_quarantined bigint, seconds double, peak_memory_mb double, loaded_at timestamp, "
        "is_sample boolean, is_current boolean)"
    )
    connection.execute(
        "comment on table raw.load_history is 'What each load read, kept and quarantined; never deleted'"
    )


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
) -> Loaded:
    """Replace a raw table by the records of a file, inside the caller's transaction.

    Args:
        connection: open on the working file, in a transaction.
        name: awards, recipients or prime_awards.
        path: CSV, CSV.gz or Parquet.
        advance: told the number of bytes done.
        layout: the layout of `input_columns.csv` that binds the file's header, where it is not the input's own.
        is_sample: whether the file belongs to the committed sample.

    Returns:
        What became of the file.

    Raises:
        WarehouseError: if the file cannot be read, lacks a required column, or a record of it is
            neither loaded nor quarantined.
    """
    started = time.perf_counter()
    sha256 = sha256_of(path)
    load_id = f"{name}-{sha256[:12]}"
    if layout is None and (known := find_current_load(connection, name, sha256)):
        advance(path.stat().st_size)
        return Loaded(name, path.name, *known, time.perf_counter() - started, [ALREADY_LOADED])
    empty_table(connection, name)
    if is_parquet(path):
        records, notes = load_parquet(connection, name, path, load_id, layout or name)
        advance(path.stat().st_size)
    else:
        with tempfile.TemporaryDirectory(prefix="sbir-load-") as scratch:
            records, notes = load_csv(connection, name, path, Path(scratch), load_id, advance, layout or name)
    rows = count(connection, f"raw.{name}")
    quarantined = count(connection, f"quarantine.{name}")
    if rows + quarantined != records:
        raise WarehouseError(
            f"{path.name}: {records:,} records were read, but {rows:,} loaded and {quarantined:,} "
            "quarantined; nothing was changed. Please report this file"
        )
    if name == "awards" and rows == 0 and layout is None:
        raise WarehouseError(f"{path.name}: the file holds no awards. Get it again")
    # What was built is not of what is loaded any more: publishing waits for the next build.
    connection.execute("drop table if exists observability.whole_build")
    seconds = time.perf_counter() - started
    connection.execute(
        "insert into raw.load_history values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, localtimestamp, ?, true)",
        [
            load_id,
            name,
            path.name,
            sha256,
            path.stat().st_size,
            records,
            rows,
            quarantined,
            round(seconds, 3),
            round(peak_memory_mb(), 1),
            is_sample,
        ],
    )
    return Loaded(name, path.name, records, rows, quarantined, seconds, notes)


def find_current_load(connection: duckdb.DuckDBPyConnection, name: str, sha256: str) -> tuple[int, int, int] | None:
    """What the current load of an input made of this very file, where its rows still stand.

    Args:
        connection: open on the working file.
        name: awards, recipients or prime_awards.
        sha256: of the file.

    Returns:
        Records read, rows and quarantined rows; None where another file, or none, is loaded.
    """
    row = connection.execute(
        "select records_read, rows_loaded, rows_quarantined from raw.load_history "
        "where input = ? and sha256 = ? and is_current and not is_sample",
        [name, sha256],
    ).fetchone()
    if row is None or row[1:] != (count(connection, f"raw.{name}"), count(connection, f"quarantine.{name}")):
        return None
    return int(row[0]), int(row[1]), int(row[2])


def is_parquet(path: Path) -> bool:
    """Whether a file begins like Parquet."""
    with path.open("rb") as file:
        return file.read(4) == b"PAR1"


def count(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    """The number of rows of a table."""
    row = connection.execute(f"select count(*) from {table}").fetchone()  # noqa: S608
    return int(row[0]) if row else 0


def insert_bound(connection: duckdb.DuckDBPyConnection, name: str, load_id: str, columns: dict[str, str]) -> None:
    """Insert the rows of the temporary table `incoming` into a raw table.

    Args:
        connection: open on the working file.
        name: awards, recipients or prime_awards.
        load_id: identifier of the load.
        columns: for each raw column the SQL expression over `incoming`; others are null.
    """
    expressions = ", ".join(columns.get(column.name, "cast(null as varchar)") for column in read_layout(name))
    connection.execute(f"insert into raw.{name} select row_number() over (), '{load_id}', {expressions} from incoming")  # noqa: S608


def load_csv(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    path: Path,
    scratch: Path,
    load_id: str,
    advance: Progress,
    layout: str,
) -> tuple[int, list[str]]:
    """Load a CSV file; records DuckDB cannot read go to quarantine with their raw text.

    Returns:
        The number of records in the file, counted without DuckDB, and notes for the user.
    """
    scan = scan_csv(path, scratch, advance)
    binding = bind_header(layout, path.name, scan.header)
    columns = ", ".join(f"'c{position}': 'VARCHAR'" for position in range(len(scan.header)))
    # DuckDB adds to these over all files read on a connection: the rejects of another file are not this one's.
    connection.execute("drop table if exists reject_errors; drop table if exists reject_scans")
    try:
        connection.execute(
            f"create or replace temp table incoming as from read_csv({quoted(scan.readable)}, "
            f"columns = {{{columns}}}, auto_detect = false, header = true, delim = ',', quote = '\"', "
            "escape = '\"', store_rejects = true, rejects_limit = 0, null_padding = false, "
            f"max_line_size = {MAX_RECORD_BYTES})"
        )
    except duckdb.Error as error:
        raise WarehouseError(f"{path.name}: cannot be read as CSV: {first_line(error)}") from error
    insert_bound(
        connection,
        name,
        load_id,
        {column: f"c{position}" for column, position in binding.positions.items()},
    )
    rejected = quarantine_rejects(connection, name, scan.readable, load_id, path.name)
    connection.execute("drop table incoming")
    records = scan.records
    loaded, quarantined = count(connection, f"raw.{name}"), count(connection, f"quarantine.{name}")
    if records != loaded + quarantined:
        # A stray quote misleads the fast count: look at everything outside the rejected records.
        records = count_outside(scan.readable, rejected) + quarantined
    return records, describe_columns(binding.missing, binding.extra, scan.recoded_lines)


def quarantine_rejects(
    connection: duckdb.DuckDBPyConnection, name: str, readable: Path, load_id: str, file_name: str
) -> list[tuple[int, int]]:
    """Put the records that DuckDB just rejected into quarantine, each once, with its raw text and all its errors.

    Args:
        connection: on which the file was read.
        name: awards, recipients or prime_awards.
        readable: the file DuckDB read.
        load_id: identifier of the load.
        file_name: what to call the file.

    Returns:
        First byte and length of each rejected record.
    """
    # Of a record with several misplaced quotes DuckDB reports the record before it: then the error lies outside the
    # reported text, or several places are reported.
    connection.execute(
        """
        create or replace temp table rejected as
        select
            line as record_number,
            min(line_byte_position) - 1 as first_byte,
            arg_min(csv_line, line_byte_position) as raw_text,
            string_agg(distinct lower(cast(error_type as varchar)), ', ') as reason,
            count(distinct line_byte_position) = 1
            and max(byte_position - line_byte_position) <= min(octet_length(encode(csv_line))) + 1 as is_located
        from reject_errors
        group by line
        """
    )
    for record_number, first_byte, text_before in connection.execute(
        "select record_number, first_byte, raw_text from rejected where not is_located"
    ).fetchall():
        start, raw_text = read_record(readable, first_byte + len(text_before.encode()))
        connection.execute(
            "update rejected set first_byte = ?, raw_text = ? where record_number = ?",
            [start, raw_text, record_number],
        )
    connection.execute(
        f"insert into quarantine.{name} "  # noqa: S608
        "select ?, ?, record_number, raw_text, reason from rejected order by record_number",
        [load_id, file_name],
    )
    places = connection.execute("select first_byte, octet_length(encode(raw_text)) from rejected").fetchall()
    connection.execute("drop table rejected")
    return [(int(start), int(length)) for start, length in places]


def load_parquet(
    connection: duckdb.DuckDBPyConnection, name: str, path: Path, load_id: str, layout: str
) -> tuple[int, list[str]]:
    """Load a Parquet file, every column as text.

    Returns:
        The number of records in the file, by its own metadata, and notes for the user.
    """
    source = f"read_parquet({quoted(path)})"
    try:
        header = [row[0] for row in connection.execute(f"describe from {source}").fetchall()]
        binding = bind_header(layout, path.name, header)
        connection.execute(f"create or replace temp table incoming as from {source}")
        row = connection.execute(
            f"select sum(num_rows) from parquet_file_metadata({quoted(path)})"  # noqa: S608
        ).fetchone()
    except duckdb.Error as error:
        raise WarehouseError(f"{path.name}: cannot be read as Parquet: {first_line(error)}. Get it again") from error
    texts = {column: '"' + header[position].replace('"', '""') + '"' for column, position in binding.positions.items()}
    insert_bound(
        connection,
        name,
        load_id,
        {column: f"nullif(cast({text} as varchar), '')" for column, text in texts.items()},
    )
    connection.execute("drop table incoming")
    return int(row[0]) if row else 0, describe_columns(binding.missing, binding.extra, 0)


def describe_columns(missing: list[str], extra: list[str], recoded_lines: int) -> list[str]:
    """Lines for the user about columns left out or filled with null, and lines recoded."""
    notes = []
    if missing:
        notes.append(f"not in the file, loaded as null: {', '.join(missing)}")
    if extra:
        notes.append(f"not needed, left out: {', '.join(extra)}")
    if recoded_lines:
        notes.append(f"{recoded_lines:,} lines were not UTF-8 and were read as Windows-1252")
    return notes

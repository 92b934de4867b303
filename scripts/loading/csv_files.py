"""Bring the records of a CSV file, or of a dump, into the temporary table `incoming`; rejects go to quarantine."""

import csv

import duckdb

from database.warehouse import WarehouseError, first_line, quoted
from loading.scan import MAX_RECORD_BYTES, Scan, count_outside, read_record

CSV_FORMAT = "header = true, quote = '\"', escape = '\"'"
# PostgreSQL's COPY text: a field ends at a tab, everything special in it is written with a backslash, null is \\N.
COPY_FORMAT = "header = false, delim = '\t', quote = '', escape = '', nullstr = '\\N'"


def read_csv(connection: duckdb.DuckDBPyConnection, file_name: str, scan: Scan, *, is_copy: bool = False) -> None:
    """Read a file into the temporary table `incoming`, columns `c0`, `c1` … as text.

    Args:
        connection: open on the working file.
        file_name: what to call the file.
        scan: what is known of it.
        is_copy: whether it is PostgreSQL's COPY text, without header, and not CSV.

    Raises:
        WarehouseError: if DuckDB cannot read it.
    """
    form = COPY_FORMAT if is_copy else f"{CSV_FORMAT}, delim = {quoted(scan.separator)}"
    columns = ", ".join(f"'c{position}': 'VARCHAR'" for position in range(len(scan.header)))
    # DuckDB adds to these over all files read on a connection: the rejects of another file are not this one's.
    connection.execute("drop table if exists reject_errors; drop table if exists reject_scans")
    # Names of files and folders are no data: neither a `.gz` that is plain nor `state=MA/` changes what is read.
    try:
        connection.execute(
            f"create or replace temp table incoming as from read_csv({quoted(scan.readable)}, "
            f"columns = {{{columns}}}, auto_detect = false, {form}, "
            f"compression = 'none', hive_partitioning = false, skip = {scan.blank_lines}, "
            f"store_rejects = true, rejects_limit = 0, null_padding = false, "
            f"max_line_size = {MAX_RECORD_BYTES})"
        )
    except duckdb.OutOfMemoryException as error:
        raise WarehouseError(f"{file_name}: {first_line(error)}") from error
    except duckdb.Error as error:
        raise WarehouseError(f"{file_name}: cannot be read as CSV: {first_line(error)}. Get it again") from error


def quarantine_rejects(
    connection: duckdb.DuckDBPyConnection, name: str, scan: Scan, load_id: str, file_name: str
) -> list[tuple[int, int]]:
    """Put the records that DuckDB just rejected into quarantine, each once, with its raw text and all its errors.

    Args:
        connection: on which the file was read.
        name: awards, recipients or prime_awards.
        scan: what is known of the file.
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
    located = [
        (record_number, *read_record(scan.readable, first_byte + len(text_before.encode()), scan.separator))
        for record_number, first_byte, text_before in connection.execute(
            "select record_number, first_byte, raw_text from rejected where not is_located"
        ).fetchall()
    ]
    if located:
        connection.execute(
            "update rejected set first_byte = found.first_byte, raw_text = found.raw_text from "
            "(select unnest(?) as record_number, unnest(?) as first_byte, unnest(?) as raw_text) as found "
            "where rejected.record_number = found.record_number",
            [[*values] for values in zip(*located, strict=True)],
        )
    # DuckDB counts blank lines before a record to it.
    connection.execute(
        "update rejected set raw_text = ltrim(raw_text, chr(10) || chr(13)), "
        "first_byte = first_byte + length(raw_text) - length(ltrim(raw_text, chr(10) || chr(13)))"
    )
    connection.execute(
        f"insert into quarantine.{name} "  # noqa: S608
        "select ?, ?, record_number - ?, raw_text, reason from rejected order by record_number",
        [load_id, file_name, scan.blank_lines],
    )
    places = connection.execute("select first_byte, octet_length(encode(raw_text)) from rejected").fetchall()
    connection.execute("drop table rejected")
    return [(int(start), int(length)) for start, length in places]


def count_slowly(scan: Scan, rejected: list[tuple[int, int]]) -> int:
    """Count records where a stray quote misled the fast count: by Python's reader, outside of the rejected ones.

    Returns:
        The number of records, rejected ones included; -1 where they cannot be counted.
    """
    try:
        return count_outside(scan.readable, rejected, scan.separator) + len(rejected)
    except csv.Error:
        return -1

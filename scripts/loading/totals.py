"""Total rows: a sum that a spreadsheet adds to the records is quarantined, not loaded as a record."""

import csv
import io
from collections.abc import Iterator

import duckdb

from database.warehouse import quoted
from loading.layout import AWARD_IDENTIFIERS, RECIPIENT_IDENTIFIERS, Binding
from loading.scan import Scan

TOTAL_ROW = "total row"
LABELS = ("total", "totals", "grand total", "grand totals", "overall total", "subtotal", "sub-total", "sum")
# Columns that a sum leaves empty: a firm may be called Total.
IDENTIFIERS = (
    *AWARD_IDENTIFIERS,
    *RECIPIENT_IDENTIFIERS,
    *("uei", "duns", "recipient_hash", "contract", "agency_tracking_number"),
)
NAMES = ("company", "legal_business_name", "recipient_name")


def quarantine_totals(
    connection: duckdb.DuckDBPyConnection, name: str, binding: Binding, scan: Scan | None, load_id: str, file_name: str
) -> int:
    """Move total rows from the temporary table `incoming` to quarantine.

    A total row has one text, such as "Total", in its first filled cell or as its name; its other cells are empty or
    amounts, and no identifier is among them.

    Args:
        connection: on which the table lies.
        name: awards, recipients or prime_awards.
        binding: how the header binds to the columns of `incoming`.
        scan: what is known of the file, where it is text.
        load_id: identifier of the load.
        file_name: what to call the file.

    Returns:
        The number of total rows.
    """
    columns = [column[0] for column in connection.execute("from incoming limit 0").description or ()]
    condition = _is_total(columns, binding)
    row = connection.execute(f"select count(*) from incoming where {condition}").fetchone()  # noqa: S608
    if not row or not row[0]:
        return 0
    rows = connection.execute(
        f"select number, {', '.join(columns)} "  # noqa: S608
        f"from (select 1 + row_number() over () as number, * from incoming) as numbered where {condition}"
    ).fetchall()
    cells = [tuple(cell or "" for cell in row[1:]) for row in rows]
    records = _find_records(scan, {*cells}) if scan else []
    if len(records) != len(rows):
        records = [(row[0], _as_csv(texts)) for row, texts in zip(rows, cells, strict=True)]
    connection.executemany(
        f"insert into quarantine.{name} values (?, ?, ?, ?, ?)",  # noqa: S608
        [(load_id, file_name, number, text, TOTAL_ROW) for number, text in records],
    )
    connection.execute(f"delete from incoming where {condition}")  # noqa: S608
    return len(rows)


def _is_total(columns: list[str], binding: Binding) -> str:
    """The SQL condition; whatever takes time comes after the test of two cells."""
    labels = ", ".join(map(quoted, LABELS))
    filled = ", ".join(f"nullif(trim({column}), '')" for column in columns)
    names = [f"c{binding.positions[column]}" for column in NAMES if column in binding.positions]
    has_label = " or ".join(
        f"rtrim(lower(trim({text})), ' :') in ({labels})" for text in (f"coalesce({filled}, '')", *names)
    )
    identifiers = [f"c{binding.positions[column]}" for column in IDENTIFIERS if column in binding.positions]
    blank = " and ".join(f"not regexp_matches(coalesce({column}, ''), '[0-9]')" for column in identifiers)
    texts = f"list_filter([{', '.join(columns)}], lambda cell : not regexp_full_match(cell, '[-+$€£%().,0-9\\s]*'))"
    return f"case when {has_label} then {blank or 'true'} and len({texts}) = 1 else false end"


def _find_records(scan: Scan, wanted: set[tuple[str, ...]]) -> list[tuple[int, str]]:
    """The number and the raw text of the records of a file that have these cells."""
    found: list[tuple[int, str]] = []
    lines: list[str] = []

    def kept_lines() -> Iterator[str]:
        for line in stream:
            lines.append(line)
            yield line

    with scan.readable.open(encoding="utf-8-sig", newline="") as stream:
        records = csv.reader(kept_lines(), delimiter=scan.separator)
        for number, row in enumerate(records, start=1 - scan.blank_lines):
            if tuple(row[: len(scan.header)]) in wanted:
                found.append((number, "".join(lines).rstrip("\r\n")))
            lines.clear()
    return found


def _as_csv(cells: tuple[str, ...]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow(cells)
    return text.getvalue()

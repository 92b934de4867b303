"""Total rows: a sum that a spreadsheet adds to the records is quarantined, not loaded as a record."""

import csv
import io
from collections.abc import Iterator

import duckdb

from database.warehouse import quoted
from loading.layout import AWARD_IDENTIFIERS, RECIPIENT_IDENTIFIERS, Binding
from loading.scan import Scan

TOTAL_ROW = "total row"
LABELS = ("total", "totals", "grand total", "grand totals", "overall total", "subtotal", "sub-total")
# Of a cell that is empty or an amount.
AMOUNT = r"[-+$€£%().,0-9\s]*"
# Columns that a sum leaves empty: a firm may be called Total.
IDENTIFIERS = (
    *AWARD_IDENTIFIERS,
    *RECIPIENT_IDENTIFIERS,
    *("uei", "duns", "recipient_hash", "contract", "agency_tracking_number"),
)
# Among so many columns is the first filled cell.
FIRST_COLUMNS = 10
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
    # Of nearly all records these few cells are all that is looked at.
    has_word = _has_word(columns[:FIRST_COLUMNS], binding)
    likely = connection.execute(f"select rowid from incoming where {has_word}").fetchall()  # noqa: S608
    if not likely:
        return 0
    rows = connection.execute(
        f"select rowid, rowid - (select min(rowid) from incoming) + 2, {', '.join(columns)} from incoming "  # noqa: S608
        f"where rowid in (select unnest(?)) and {_is_total(columns, binding)}",
        [[row[0] for row in likely]],
    ).fetchall()
    if not rows:
        return 0
    cells = [tuple(cell or "" for cell in row[2:]) for row in rows]
    records = _find_records(scan, {*cells}) if scan else []
    if len(records) != len(rows):
        records = [(row[1], _as_csv(texts)) for row, texts in zip(rows, cells, strict=True)]
    connection.executemany(
        f"insert into quarantine.{name} values (?, ?, ?, ?, ?)",  # noqa: S608
        [(load_id, file_name, number, text, TOTAL_ROW) for number, text in records],
    )
    connection.execute("delete from incoming where rowid in (select unnest(?))", [[row[0] for row in rows]])
    return len(rows)


def _has_word(columns: list[str], binding: Binding) -> str:
    """The SQL condition that the first filled one of some cells, or the name, has the word."""
    first = ", ".join(f"nullif({column}, '')" for column in columns)
    names = [f"c{binding.positions[column]}" for column in NAMES if column in binding.positions]
    return " or ".join(f"{text} ilike '%total%'" for text in (f"coalesce({first})", *names))


def _is_total(columns: list[str], binding: Binding) -> str:
    """The SQL condition that one cell is a label, and the others are empty or amounts."""
    texts = f"list_filter([{', '.join(columns)}], lambda cell : not regexp_full_match(cell, {quoted(AMOUNT)}))"
    label = f"rtrim(lower(trim({texts}[1])), ' :')"
    identifiers = [f"c{binding.positions[column]}" for column in IDENTIFIERS if column in binding.positions]
    numbers = [f"not coalesce(regexp_matches({column}, '[0-9]'), false)" for column in identifiers]
    return " and ".join([f"len({texts}) = 1", f"{label} in ({', '.join(map(quoted, LABELS))})", *numbers])


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

"""Which columns each input has, and how a file's header binds to them."""

import csv
import difflib
from dataclasses import dataclass
from pathlib import Path

from database.warehouse import WarehouseError
from loading.column_names import normalized
from loading.kinds import RIGHT_FILES, OtherKindError, find_kind

COLUMNS_FILE = Path(__file__).with_name("input_columns.csv")
ALIASES_FILE = Path(__file__).with_name("column_aliases.csv")
# A prime award is known by at least one of these, and its recipient by one of those beside the name.
AWARD_IDENTIFIERS = ("award_id_piid", "award_id_fain", "award_id_uri")
RECIPIENT_IDENTIFIERS = ("recipient_uei", "recipient_duns")
INPUTS = ("awards", "recipients", "prime_awards")
# Of each group a file must have a column.
NEEDED_GROUPS = {
    "awards": (("award_title", "contract", "agency_tracking_number"), ("uei", "duns")),
    "recipients": (("uei", "duns"),),
    "prime_awards": (AWARD_IDENTIFIERS, RECIPIENT_IDENTIFIERS),
}
# Transactions, one record per change of an award, have a key of their own, or an amount of their own and none of the
# whole award's dates. Some also repeat the whole award's amount, which must not be added up.
TRANSACTION_KEYS = ("contract_transaction_unique_key", "assistance_transaction_unique_key")
TRANSACTION_AMOUNTS = ("federal_action_obligation", "Transaction Amount")
TRANSACTION_DATES = ("action_date", "Action Date")
SUMMARY_DATES = ("award_base_action_date", "award_latest_action_date")
AWARD_KEYS = ("contract_award_unique_key", "assistance_award_unique_key", "award_unique_key")
# These only tell records apart: no file has all of them, and the load says where it had to do without the keys.
RECORD_MARKS = (
    *TRANSACTION_KEYS,
    *AWARD_KEYS,
    "modification_number",
    "transaction_number",
    "cfda_number",
    "correction_delete_ind",
    "last_modified_date",
)
LONGEST_LIST = 8


@dataclass(frozen=True)
class Column:
    """A column of an input: its name in raw, its header in the file, whether a file must have it."""

    name: str
    header: str
    required: bool


@dataclass(frozen=True)
class Binding:
    """How a file's header binds.

    Attributes:
        positions: for each raw column its position in the file.
        missing: headers of raw columns that the file lacks.
        extra: the file's columns that are not needed.
        notes: what the user should know of names that were read as others.
        is_transactions: whether a record is a transaction of a prime award, not the whole award.
    """

    positions: dict[str, int]
    missing: list[str]
    extra: list[str]
    notes: list[str]
    is_transactions: bool = False


def read_layout(name: str) -> list[Column]:
    """The columns of an input, in the order of its raw table.

    Args:
        name: awards, recipients or prime_awards; or queries or universe, the lists of match_names.py.
    """
    with COLUMNS_FILE.open(encoding="utf-8", newline="") as file:
        return [
            Column(row["column"], row["header"], row["required"] == "true")
            for row in csv.DictReader(file)
            if row["input"] == name
        ]


def read_aliases(name: str) -> dict[str, list[str]]:
    """The other headers that known files give a column, by raw column; the first that a file has counts."""
    aliases: dict[str, list[str]] = {}
    with ALIASES_FILE.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["input"] == name:
                aliases.setdefault(row["column"], []).append(row["alias"])
    return aliases


def bind_header(name: str, file_name: str, header: list[str]) -> Binding:
    """Bind a file's header to the columns of an input, by name; an exact name takes precedence over a similar one.

    Names are similar if they differ in case, or in the blanks, underscores or hyphens between their words.

    Args:
        name: the layout, as for `read_layout`.
        file_name: what to call the file in an error.
        header: the file's column names.

    Raises:
        OtherKindError: if the file is known to be something else.
        WarehouseError: if a required column is missing or a needed one occurs twice.
    """
    kind = find_kind(header)
    if kind and name in kind.refused_as:
        raise OtherKindError(kind, file_name, name)
    layout = read_layout(name)
    found = [text.strip().lower() for text in header]
    is_transactions = name == "prime_awards" and _holds_transactions({*map(normalized, header)})
    positions: dict[str, int] = {}
    notes: list[str] = []
    read_as: list[str] = []
    for column in layout:
        names = [column.header, *read_aliases(name).get(column.name, [])]
        if is_transactions and column.name == "total_obligated_amount":
            names = [*TRANSACTION_AMOUNTS]
        elif is_transactions and column.name in SUMMARY_DATES:
            names = [*TRANSACTION_DATES]
        given = [*dict.fromkeys(text for name in names for text in spellings(name, found))]
        if not given:
            continue
        if found.count(given[0]) > 1:
            raise WarehouseError(
                f"{file_name}: the column {header[found.index(given[0])].strip()!r} occurs {found.count(given[0])} "
                "times in the header. Keep one"
            )
        positions[column.name] = found.index(given[0])
        if normalized(given[0]) != normalized(column.header) and not is_transactions:
            read_as.append(f"{header[positions[column.name]].strip()} as {column.header}")
        if len(given) > 1 and given[0] != column.header.lower():
            notes.append(f"{column.header} is taken from {given[0]}, not from {', '.join(given[1:])}")
    if words := _what_is_missing(name, layout, header, positions):
        if kind and kind.input != name and name in RIGHT_FILES:
            raise OtherKindError(kind, file_name, name)
        raise WarehouseError(f"{file_name}: {words}")
    if read_as:
        notes.insert(0, f"columns known by other names: {shortened(read_as)}")
    used = {*positions.values()}
    return Binding(
        positions,
        missing=[
            column.header for column in layout if column.name not in positions and column.name not in RECORD_MARKS
        ],
        extra=[text for position, text in enumerate(header) if position not in used],
        notes=notes,
        is_transactions=is_transactions,
    )


def _holds_transactions(headers: set[str]) -> bool:
    amounts = {*map(normalized, TRANSACTION_AMOUNTS)}
    return bool({*TRANSACTION_KEYS} & headers or (amounts & headers and not {*SUMMARY_DATES} & headers))


def spellings(name: str, found: list[str]) -> list[str]:
    """A file's columns that have a name: the exact one first, then similar ones."""
    exact = name.strip().lower()
    return sorted((text for text in found if normalized(text) == normalized(name)), key=lambda text: text != exact)


def _what_is_missing(name: str, layout: list[Column], header: list[str], positions: dict[str, int]) -> str | None:
    """What to say of the first required column, or group of them, that a file lacks."""
    for column in layout:
        if column.required and column.name not in positions:
            return missing_message(column.header, header, {header[position] for position in positions.values()})
    headers = {column.name: column.header for column in layout}
    for group in NEEDED_GROUPS.get(name, ()):
        if not positions.keys() & {*group}:
            what, address = RIGHT_FILES[name]
            wanted = ", ".join(headers[column] for column in group)
            return f"none of the columns {wanted} is in the header. Give {what} that have one: {address}"
    return None


def shortened(texts: list[str]) -> str:
    """Texts with commas between; of many only the first ones and the number of the others."""
    shown = ", ".join(texts[:LONGEST_LIST])
    return shown if len(texts) <= LONGEST_LIST else f"{shown} and {len(texts) - LONGEST_LIST} more"


def missing_message(wanted: str, header: list[str], known: set[str]) -> str:
    """What to say of a missing column: its name, and the closest in the header or, in an unknown file, how it begins.

    Args:
        wanted: the missing column.
        header: the file's column names.
        known: those of them that are columns which are read.
    """
    free = {text.lower(): text for text in header if text not in known}
    close = difflib.get_close_matches(wanted.lower(), free, 1, 0.6)
    if close and len(known) * 2 >= len(header):
        hint = f"The closest is {free[close[0]]!r}: rename it, if that is the one"
    else:
        hint = f"It begins with {', '.join(repr(text[:40]) for text in header[:3])}. Is it the right file?"
    return f"the required column {wanted!r} is not in the header. {hint}"

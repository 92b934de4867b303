"""Which columns each input has, and how a file's header binds to them."""

import csv
import difflib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from warehouse import WarehouseError

COLUMNS_FILE = Path(__file__).with_name("input_columns.csv")
# A prime award is known by at least one of these.
AWARD_IDENTIFIERS = ("award_id_piid", "award_id_fain", "award_id_uri")
INPUTS = ("awards", "recipients", "prime_awards")


@dataclass(frozen=True)
class Column:
    """A column of an input: its name in raw, its header in the file, whether a file must have it."""

    name: str
    header: str
    required: bool


@dataclass(frozen=True)
class Binding:
    """How a file's header binds: for each raw column its position in the file, and what is left over."""

    positions: dict[str, int]
    missing: list[str]
    extra: list[str]


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


def bind_header(name: str, file_name: str, header: list[str]) -> Binding:
    """Bind a file's header to the columns of an input, by name; case and outer blanks do not count.

    Args:
        name: the layout, as for `read_layout`.
        file_name: what to call the file in an error.
        header: the file's column names.

    Raises:
        WarehouseError: if a required column is missing or a needed one occurs twice.
    """
    layout = read_layout(name)
    found = [text.strip().lower() for text in header]
    counts = Counter(found)
    for column in layout:
        if counts[column.header.lower()] > 1:
            raise WarehouseError(
                f"{file_name}: the column {column.header!r} occurs {counts[column.header.lower()]} "
                "times in the header. Keep one"
            )
    for column in layout:
        if column.required and column.header.lower() not in counts:
            raise WarehouseError(missing_message(file_name, column.header, header))
    positions = {
        column.name: found.index(column.header.lower()) for column in layout if column.header.lower() in counts
    }
    if name == "prime_awards" and not any(key in positions for key in AWARD_IDENTIFIERS):
        raise WarehouseError(
            f"{file_name}: none of the columns {', '.join(AWARD_IDENTIFIERS)} is in the header. Give a prime award file"
        )
    known = {column.header.lower() for column in layout}
    return Binding(
        positions,
        missing=[column.header for column in layout if column.name not in positions],
        extra=[text for text in header if text.strip().lower() not in known],
    )


def missing_message(file_name: str, wanted: str, header: list[str]) -> str:
    """What to tell of a missing column: its name, and the header that comes closest."""
    close = difflib.get_close_matches(wanted.lower(), [text.lower() for text in header], 1, 0.6)
    if close:
        actual = next(text for text in header if text.lower() == close[0])
        hint = f"The closest is {actual!r}: rename it, if that is the one"
    else:
        hint = f"It begins with {', '.join(map(repr, header[:3]))}. Is it the right file?"
    return f"{file_name}: the required column {wanted!r} is not in the header. {hint}"

"""Known kinds of files that are not the input they are given as: identified by their columns, refused or skipped."""

import csv
import functools
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from database.warehouse import WarehouseError
from loading.column_names import normalized

KINDS_FILE = Path(__file__).with_name("kinds.csv")
RIGHT_FILES = {
    "awards": ("SBIR.gov award data", "https://www.sbir.gov/data-resources"),
    "recipients": ("USAspending's recipient list", "https://files.usaspending.gov/database_download/"),
    "prime_awards": (
        "prime award summaries or transactions",
        "https://www.usaspending.gov/download_center/custom_award_data",
    ),
}


@dataclass(frozen=True)
class Kind:
    """A known kind of file.

    Attributes:
        name: what to call what it holds.
        columns: patterns of normalized names; a file of this kind has a column for each.
        input: as which input it can be given, if any.
        refused_as: inputs as which it is refused even if it has the columns that these require.
        is_skipped: whether it is left out where it lies next to files that are read.
    """

    name: str
    columns: tuple[str, ...]
    input: str
    refused_as: tuple[str, ...]
    is_skipped: bool


class OtherKindError(WarehouseError):
    """A file of a known kind that is not the input it was given as."""

    def __init__(self, kind: Kind, file_name: str, name: str) -> None:
        what, address = RIGHT_FILES[name]
        option = f", to be given as {kind.input.upper()}" if kind.input else ""
        super().__init__(f"{file_name}: holds {kind.name}{option}. For {name.upper()} give {what}: {address}")
        self.kind = kind
        self.file_name = file_name


@functools.cache
def read_kinds() -> tuple[Kind, ...]:
    """The known kinds; the first that fits a file counts."""
    with KINDS_FILE.open(encoding="utf-8", newline="") as file:
        return tuple(
            Kind(
                row["kind"],
                tuple(row["columns"].split()),
                row["input"],
                tuple(row["refused_as"].split()),
                row["skipped"] == "true",
            )
            for row in csv.DictReader(file)
        )


def find_kind(header: Iterable[str]) -> Kind | None:
    """The known kind of file that has this header, if any."""
    names = {normalized(text) for text in header}

    def has(pattern: str) -> bool:
        return pattern in names or ("*" in pattern and any(fnmatchcase(name, pattern) for name in names))

    return next((kind for kind in read_kinds() if all(map(has, kind.columns))), None)

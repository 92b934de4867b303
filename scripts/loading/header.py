"""Find the header of a table in text: the line it is in, and the character between its columns."""

import csv
import functools
import io
import itertools
from dataclasses import dataclass

from loading.column_names import normalized
from loading.kinds import find_kind, read_kinds
from loading.layout import ALIASES_FILE, COLUMNS_FILE
from loading.repair import utf16_codec

SEPARATORS = (",", "\t", "|", ";")
# A header of 5,000 columns fits in.
HEAD_BYTES = 256 * 1024
# So many lines are searched for the header: downloads put a title, filters or `sep=,` above it.
SEARCHED_LINES = 20
# A title may have the name of a column in it.
FEWEST_NAMES = 2


@dataclass(frozen=True)
class Header:
    """Where a header was found.

    Attributes:
        separator: the character between columns, which may be one that is not read.
        first_byte: where its line begins.
        above: the lines above it that are not blank.
        is_sure: whether it is the header of an input or of another known kind of file, and no line of prose.
    """

    separator: str
    first_byte: int
    above: list[str]
    is_sure: bool


def find_header(head: bytes) -> Header:
    """Find the header: the first line that has many names of known columns, by the separator that gives the most.

    Lines above it may hold a title or filters, but nothing that looks like a record; otherwise, and where no name is
    known, the first line is the header.

    Args:
        head: the first bytes of a text, in UTF-8 or another code in which each ASCII letter is a byte.
    """
    lines = _first_lines(head[:HEAD_BYTES], SEPARATORS)
    if all(line.names < FEWEST_NAMES for line in lines):
        lines = _first_lines(head[:HEAD_BYTES], (*SEPARATORS, *_other_signs(lines)))
    if not lines:
        return Header(",", 0, [], is_sure=False)
    # Half of the most, since a record's text may list such words, too.
    fewest = max(FEWEST_NAMES, max(line.names for line in lines) // 2 + 1)
    number = next((number for number, line in enumerate(lines) if line.names >= fewest), 0)
    if any(_is_record(line.cells, lines[number].cells) for line in lines[:number]):
        number = 0
    best = lines[number]
    has_names = best.names >= FEWEST_NAMES and best.separator != " "
    has_columns = has_names and all(best.separator in line.text for line in lines[number + 1 : number + 2])
    is_sure = has_columns or find_kind(best.cells) is not None
    return Header(best.separator, best.first_byte, [line.text for line in lines[:number]], is_sure)


def is_table(head: bytes) -> bool:
    """Whether a text whose name does not say so is a table."""
    codec = utf16_codec(head)
    return find_header(head.decode(codec, errors="ignore").encode() if codec else head).is_sure


@functools.cache
def _known_names() -> frozenset[str]:
    """Names of columns of all inputs and known kinds of files."""
    names = {pattern for kind in read_kinds() for pattern in kind.columns if "*" not in pattern}
    for path, column in ((COLUMNS_FILE, "header"), (ALIASES_FILE, "alias")):
        with path.open(encoding="utf-8", newline="") as file:
            names |= {normalized(row[column]) for row in csv.DictReader(file)}
    return frozenset(names)


@dataclass(frozen=True)
class _Line:
    first_byte: int
    text: str
    separator: str
    cells: list[str]
    names: int


def _first_lines(head: bytes, separators: tuple[str, ...]) -> list[_Line]:
    """The first lines that are not blank, each split by the separator that gives the most known names."""
    # Latin-1 has a letter for each byte: places in the text are places in the bytes.
    lines = list(io.StringIO(head.decode("latin-1"), newline=""))
    found: list[_Line] = []
    place = 0
    for number, line in enumerate(lines):
        if line.strip():
            read = [_split(lines, number, place, separator) for separator in separators]
            found.append(max(read, key=lambda split: split.names))
        if len(found) == SEARCHED_LINES:
            break
        place += len(line)
    return found


def _split(lines: list[str], number: int, place: int, separator: str) -> _Line:
    """Read the record that begins with a line; a header may have line ends within quotes."""
    try:
        row = next(csv.reader(itertools.islice(lines, number, None), delimiter=separator), [])
    except csv.Error:
        row = []
    cells = [_as_utf8(cell) for cell in row]
    names = len({normalized(cell) for cell in cells} & _known_names())
    return _Line(place, _as_utf8(lines[number]).strip(), separator, cells, names)


def _as_utf8(text: str) -> str:
    return text.encode("latin-1").decode("utf-8-sig", errors="replace")


def _other_signs(lines: list[_Line]) -> list[str]:
    """Characters that may separate columns though they are not read: the refusal is to name them."""
    signs = {sign for line in lines for sign in line.text}
    return sorted(sign for sign in signs if sign.isascii() and not sign.isalnum() and sign not in (*SEPARATORS, *'"_'))


def _is_record(cells: list[str], header: list[str]) -> bool:
    """Whether a line above the header has so many cells filled that it must be data."""
    filled = sum(bool(cell.strip()) for cell in cells)
    return filled > max(2, len(header) // 2) if len(cells) < len(header) else filled > max(1, len(header) // 5)

"""Cells of CSV files that people open in a spreadsheet: none is taken for a formula, and that can be undone."""

import re
from collections.abc import Iterable

# A leading apostrophe too: DuckDB guesses the quote of a seed, and takes 'A' for A where it sees no other.
NEEDS_QUOTES = re.compile("^'|[\",\r\n]")
# Where a spreadsheet may see a formula: at the start of a cell, and after what some of them take for the end of one
# whatever the file says. Apostrophes that are there count, so that adding one can be undone exactly.
FORMULA = re.compile(r"""(^|[;\t\r\n])(?=[ '"]*[=+\-@])""")
HARMLESS_FORMULA = re.compile(r"""(^|[;\t\r\n])'(?=[ '"]*[=+\-@])""")


def csv_line(cells: Iterable[str]) -> str:
    """Cells as a line of CSV."""
    # The csv module leaves a lone carriage return unquoted, and readers take it for the end of the record.
    return ",".join('"' + cell.replace('"', '""') + '"' if NEEDS_QUOTES.search(cell) else cell for cell in cells) + "\n"


def harmless(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return FORMULA.sub(r"\1'", cell)


def undo_harmless(cell: str) -> str:
    """The cell that `harmless` was given."""
    return HARMLESS_FORMULA.sub(r"\1", cell)

"""How scripts print tables for people: of at most 100 columns where the output goes to a file."""

from collections.abc import Iterable, Sequence
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from interface.terminal_text import visible

WIDTH = 100
# Between two columns, and the least of a text that is shown, in characters.
GAP = 2
SHORTEST_TEXT = 12


def make_console() -> Console:
    """The console of a report: as wide as the terminal, or `WIDTH` where the report goes to a file."""
    console = Console(highlight=False, markup=False)
    if not console.is_terminal:
        console.width = WIDTH
    return console


def share(value: float | None) -> str:
    """A share in per cent; a dash where it is unknown."""
    return "-" if value is None else f"{100 * value:.1f} %"


def print_table(
    console: Console, title: str, headers: Sequence[str], rows: Iterable[Sequence[Any]], texts: int = 1
) -> None:
    """Print a table: texts to the left, numbers to the right, and nothing that does anything to a terminal.

    Args:
        console: where to.
        title: above it.
        headers: of the columns.
        rows: their cells; a dash stands for None.
        texts: how many columns, the first ones, are texts.
    """
    table = Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD)
    table.show_edge, table.pad_edge, table.padding = False, False, (0, 1, 0, 0)
    cells = [[_cell(value) for value in row] for row in rows]
    widths = [
        max(len(header), *(len(row[number]) for row in cells if number < len(row)), 0)
        for number, header in enumerate(headers)
    ]
    # Where it gets narrow, long texts are cut and numbers never.
    room = console.width - sum(widths[texts:]) - GAP * (len(headers) - 1)
    for number, header in enumerate(headers):
        if number < texts:
            table.add_column(header, no_wrap=True, width=min(widths[number], max(room // texts, SHORTEST_TEXT)))
        else:
            table.add_column(header, justify="right", no_wrap=True, width=widths[number])
    for row in cells:
        table.add_row(*map(Text, row))
    console.print(table)
    console.print()


def _cell(value: object) -> str:
    return f"{value:,}" if isinstance(value, int | float) else "-" if value is None else visible(value)

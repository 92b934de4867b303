"""The box that a build ends with: rows of numbers, then sentences; readable on 80 columns."""

from collections.abc import Callable
from typing import Any

from rich.console import Console, Group
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from interface.terminal_text import visible

# Lines of a sentence beyond it are hard to read.
WIDEST = 100
HEADING_WIDTH = 10
# The third verdict of a gate, and how its message begins then.
NOT_JUDGED = "not judged"


def count(number: float) -> str:
    """A number of records."""
    return f"{number:,.0f}"


def percent(share: float) -> str:
    """A share in percent, as the gates say it."""
    return f"{100 * share:.2f} %"


def points(share: float) -> str:
    """A difference of shares in percentage points."""
    return f"{100 * share:.2f} points"


# How a gate's threshold is meant, and how its numbers are said.
LIMITS: dict[str, tuple[str, Callable[[float], str]]] = {
    "match_rate": ("at least", percent),
    "completeness": ("largest null share, below", percent),
    "grain": ("exactly", count),
    "precision": ("at least", percent),
    "continuity": ("a fall of at most", percent),
}


class Box:
    """Rows of heading, subject, number and remark, and below them sentences, in a frame."""

    def __init__(self, title: str, style: str) -> None:
        self._title = Text(visible(title), style=f"bold {style}")
        self._style = style
        self._heading = ""
        self._rows = Table.grid(padding=(0, 1))
        self._rows.add_column(min_width=HEADING_WIDTH)
        self._rows.add_column(overflow="fold")
        self._rows.add_column(justify="right")
        self._rows.add_column(overflow="fold")
        self._sentences = Table.grid(padding=(0, 1))
        self._sentences.add_column(min_width=HEADING_WIDTH)
        self._sentences.add_column(overflow="fold")

    def add(self, heading: str, subject: str, number: str, remark: str = "", style: str = "") -> None:
        """Add a row.

        Args:
            heading: of the row, printed before the first of several that have it.
            subject: what the number is of.
            number: the number.
            remark: what else there is to say.
            style: of the row.
        """
        cells = (Text(visible(cell), style=style) for cell in (subject, number, remark))
        self._rows.add_row(self._new(heading), *cells)

    def say(self, heading: str, sentence: str) -> None:
        """Add a sentence.

        Args:
            heading: of the sentence, printed before the first of several that have it.
            sentence: as long as need be.
        """
        self._sentences.add_row(self._new(heading), Text(visible(sentence)))

    def _new(self, heading: str) -> Text:
        is_new, self._heading = heading != self._heading, heading
        return Text(heading if is_new else "", style="bold")

    def add_gates(self, gates: list[dict[str, Any]]) -> None:
        """Add a row for each gate, its value beside the limit; where it fails by how much, and its own words.

        Args:
            gates: rows with gate, verdict, value, threshold and message.
        """
        for gate in gates:
            word, form = LIMITS.get(gate["gate"], ("limit", str))
            if gate["verdict"] == NOT_JUDGED:
                self.add("Gates", gate["gate"], NOT_JUDGED, gate["message"].removeprefix(f"{NOT_JUDGED}: "))
                continue
            value = "" if gate["value"] is None else form(gate["value"])
            limit = f"{word} {form(gate['threshold'])}"
            if gate["verdict"] == "passed":
                self.add("Gates", gate["gate"], value, limit)
                continue
            if gate["value"] is not None:
                gap = abs(gate["value"] - gate["threshold"])
                limit += f": {points(gap) if form is percent else form(gap)} off"
            self.add("Gates", f"{gate['gate']} FAILED", value, limit, style="red")

        for gate in gates:
            if gate["verdict"] == "failed":
                self.say("Why", gate["message"])

    def print(self) -> None:
        """Print the box on standard output."""
        console = Console(highlight=False, markup=False, emoji=False)
        parts = [part for part in (self._rows, self._sentences) if part.row_count]
        frame = Panel(Group(*parts), title=self._title, title_align="left", border_style=self._style, expand=False)
        console.print(frame, width=min(console.width, WIDEST))

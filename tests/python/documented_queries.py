"""The SQL that pages show, with what they say that it gives: read here, run by the tests."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

SECTION = re.compile(r"^#{2,3} (?P<title>.+)$", re.MULTILINE)
SQL = re.compile(r"^```sql\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Recipe:
    """A question and its answer: a section of a page with one query.

    Attributes:
        question: heading of the section.
        sql: the query.
        table: the lines of the Markdown table below it, the header first.
        text: what follows the table.
    """

    question: str
    sql: str
    table: list[str]
    text: str

    @property
    def columns(self) -> list[str]:
        """The column names that the page claims."""
        return [cell.strip() for cell in self.table[0].strip("|").split("|")] if self.table else []


def sql_blocks(page: Path) -> list[str]:
    """The SQL blocks of a page, in order."""
    return SQL.findall(page.read_text(encoding="utf-8"))


def read_recipes(page: Path) -> list[Recipe]:
    """The sections of a page that hold a query, in order."""
    _, *parts = SECTION.split(page.read_text(encoding="utf-8"))
    recipes = []
    for title, body in zip(parts[::2], parts[1::2], strict=True):
        if queries := SQL.findall(body):
            after = SQL.split(body)[-1].strip().splitlines()
            table = [line for line in after if line.startswith("|")]
            text = "\n".join(line for line in after if not line.startswith("|")).strip()
            recipes.append(Recipe(title, "\n".join(queries), table, text))
    return recipes


def as_markdown(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> list[str]:
    """A result as the lines of a Markdown table, numbers with thousands, nothing where null.

    Args:
        columns: their names.
        rows: their values.
    """
    lines = [columns, ["---"] * len(columns), *([_cell(value) for value in row] for row in rows)]
    return ["| " + " | ".join(line) + " |" for line in lines]


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return f"{value:,}"
    if isinstance(value, bool):
        return str(value).lower()
    return str(value).replace("|", r"\|").replace("\n", " ")

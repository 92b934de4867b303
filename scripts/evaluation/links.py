"""Two lists of names, linked by the models of production: who was linked to whom, and what the names became."""

import csv
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import duckdb

from match_names import linked_lists

# The names of both sides, the further ones that they give (DBA), and the words that the models compare.
NAMES = """
create temp view company_names as
    select company_name, normalized_name from intermediate.int_sbir_company_names
    union
    select company_name, normalized_name from intermediate.int_usaspending_company_names;

create temp view further_names as
    from intermediate.int_award_further_names union from intermediate.int_recipient_further_names;

create temp view name_words as
    select normalized_name, word from intermediate.int_firm_name_words
    union
    select normalized_name, word from intermediate.int_recipient_name_words;
"""

WORDS = """
with names as (
    select company_name, normalized_name from company_names
    union all
    select further_names.company_name, company_names.normalized_name
    from further_names
    inner join company_names
        on further_names.further_name = company_names.company_name
)

select names.company_name, list(distinct name_words.word)
from names
inner join name_words
    on names.normalized_name = name_words.normalized_name
group by names.company_name
"""


class Place(NamedTuple):
    """A name with what is known of its place; blank where it is not known."""

    name: str
    state: str = ""
    city: str = ""
    zip5: str = ""
    uei: str = ""


@dataclass(frozen=True)
class Answer:
    """What the models say of a company: the recipient that it is linked to, or that comes closest.

    Attributes:
        recipient: its number in the universe.
        is_link: whether the company is linked to it.
        score: 0 to 100.
        explanation: why, in words.
    """

    recipient: int
    is_link: bool
    score: float
    explanation: str


@dataclass(frozen=True)
class Linked:
    """Two lists, linked.

    Attributes:
        queries: the companies.
        universe: the recipients.
        answers: by the number of the company; companies without any candidate are missing.
        normalized: spelling → normalised name, blank for a name that names nobody.
        words: spelling → the words that the models compare.
    """

    queries: Sequence[Place]
    universe: Sequence[Place]
    answers: dict[int, Answer]
    normalized: dict[str, str]
    words: dict[str, frozenset[str]]

    def picks(self) -> dict[int, int]:
        """The accepted links: number of the company → number of its recipient."""
        return {query: answer.recipient for query, answer in self.answers.items() if answer.is_link}


def link(queries: Sequence[Place], universe: Sequence[Place]) -> Linked:
    """Link companies to recipients by the models and the UDF of production, in a scratch warehouse.

    Raises:
        WarehouseError: if the models cannot be built, or a list is empty.
    """
    with tempfile.TemporaryDirectory(prefix="sbir-evaluation-") as scratch:
        companies, recipients = Path(scratch, "queries.csv"), Path(scratch, "universe.csv")
        _write_list(companies, "query_id", queries)
        _write_list(recipients, "recipient_row_id", universe)
        # From a score of 0 on, so that a missed company can be shown with what came closest.
        with linked_lists(companies, recipients, floor=0) as connection:
            return Linked(queries, universe, _read_answers(connection), *_read_names(connection))


def _write_list(path: Path, identifier: str, rows: Sequence[Place]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([identifier, "name", "state", "city", "zip"])
        writer.writerows([number, row.name, row.state, row.city, row.zip5] for number, row in enumerate(rows))


def _read_answers(connection: duckdb.DuckDBPyConnection) -> dict[int, Answer]:
    rows = connection.execute("select query_id, recipient_row_id, status, score, explanation from answers").fetchall()
    return {
        int(query): Answer(int(recipient), status == "matched", float(score), str(explanation))
        for query, recipient, status, score, explanation in rows
    }


def _read_names(connection: duckdb.DuckDBPyConnection) -> tuple[dict[str, str], dict[str, frozenset[str]]]:
    connection.execute(NAMES)
    names = "select company_name, coalesce(normalized_name, '') from company_names"
    normalized = {str(name): str(form) for name, form in connection.execute(names).fetchall()}
    words = {str(name): frozenset(found) for name, found in connection.execute(WORDS).fetchall()}
    return normalized, words

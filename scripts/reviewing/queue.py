"""The pairs that wait for a person, as the last build left them, and the walk through them."""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

import duckdb

from database.warehouse import WarehouseError, connect, first_line, working_path
from reviewing.match_decisions import Changes, Decision, Decisions, Pair, change_decisions, read_decisions

QUEUE_TABLE = "quality.rpt_review_queue"
Firm = tuple[str, str]


class Question(NamedTuple):
    """A firm and one of its candidates: a row of the queue, by the names of its columns."""

    queue_rank: int
    company_name: str
    company_state: str | None
    company_city: str | None
    company_zip5: str | None
    company_uei: str | None
    company_duns: str | None
    award_count: int
    award_amount: Decimal | None
    first_award_year: int | None
    last_award_year: int | None
    match_status: str
    candidate_rank: int
    candidate_recipient_hash: str
    candidate_recipient_name: str
    candidate_recipient_uei: str | None
    candidate_recipient_duns: str | None
    candidate_recipient_city: str | None
    candidate_recipient_state: str | None
    candidate_recipient_zip5: str | None
    candidate_recipient_parent_name: str | None
    candidate_score: float
    explanation: str | None

    @property
    def firm(self) -> Firm:
        """Name and state of the firm, as decisions name it."""
        return self.company_name, self.company_state or ""

    @property
    def pair(self) -> Pair:
        """What a decision is about."""
        return Pair(*self.firm, self.candidate_recipient_hash)


class Progress(NamedTuple):
    """Where in the queue a question stands, and how much of the money is decided."""

    firm_number: int
    firms: int
    decided_amount: Decimal
    amount: Decimal


def read_queue() -> list[Question]:
    """Read the queue and close the working file at once, so that no build waits for a person.

    Raises:
        WarehouseError: if the file or the table is not there, or another process holds the file.
    """
    working = working_path()
    if not working.exists():
        raise WarehouseError(f"There is no {working}. Make it with: make build")
    try:
        with connect(read_only=True) as connection:
            rows = connection.execute(
                f"select {', '.join(Question._fields)} from {QUEUE_TABLE} order by queue_rank, candidate_rank"  # noqa: S608
            ).fetchall()
    except (duckdb.CatalogException, duckdb.BinderException) as error:
        raise WarehouseError(f"{working} lacks {QUEUE_TABLE} as this version makes it. Run: make build") from error
    except duckdb.Error as error:
        raise WarehouseError(f"Cannot read {QUEUE_TABLE} in {working}: {first_line(error)}. Run: make build") from error
    return [Question(*row) for row in rows]


def linked_firms(decisions: Decisions) -> set[Firm]:
    """The firms that were found the same as a recipient."""
    return {(pair.company_name, pair.state) for pair, decision in decisions.items() if decision.decision == "same"}


def open_questions(questions: Iterable[Question], decisions: Decisions, *, ask_unsure: bool) -> list[Question]:
    """The questions without a decision, of firms without a recipient.

    Args:
        questions: the queue.
        decisions: what is decided.
        ask_unsure: whether what a person was unsure about is open again.
    """
    linked = linked_firms(decisions)
    closed = {pair for pair, decision in decisions.items() if not (ask_unsure and decision.decision == "unsure")}
    return [question for question in questions if question.firm not in linked and question.pair not in closed]


def measure_progress(questions: Sequence[Question], decisions: Decisions, current: Question) -> Progress:
    """How far the queue is decided: a firm is, once a candidate is the same or all are different."""
    amounts = {question.firm: question.award_amount or Decimal(0) for question in questions}
    linked = linked_firms(decisions)
    undecided = {
        question.firm
        for question in questions
        if question.firm not in linked
        and ((decision := decisions.get(question.pair)) is None or decision.decision == "unsure")
    }
    total = sum(amounts.values(), Decimal(0))
    return Progress(
        firm_number=list(amounts).index(current.firm) + 1,
        firms=len(amounts),
        decided_amount=total - sum((amounts[firm] for firm in undecided), Decimal(0)),
        amount=total,
    )


class Walk:
    """A walk through the queue, forward by answers and back by undo; the decisions file follows every step."""

    def __init__(self, path: Path, questions: Sequence[Question], *, ask_unsure: bool) -> None:
        """Start at the first open question.

        Args:
            path: the decisions file.
            questions: the queue.
            ask_unsure: whether to ask again what a person was unsure about.
        """
        self.path = path
        self.questions = questions
        self.decisions = read_decisions(path)
        self._ask_unsure = ask_unsure
        self._position = 0
        self._history: list[tuple[int, Changes]] = []

    @property
    def decided(self) -> int:
        """How many decisions of this walk stand in the file."""
        return sum(1 for _, before in self._history if before)

    def question(self) -> Question | None:
        """The next open question, or None at the end of the queue."""
        ahead = self.questions[self._position :]
        following = open_questions(ahead, self.decisions, ask_unsure=self._ask_unsure)
        if not following:
            return None
        self._position += ahead.index(following[0])
        return following[0]

    def answer(self, decision: str) -> Decision | None:
        """Decide the question at hand, on disk at once.

        Args:
            decision: one of `DECISIONS`.

        Returns:
            The decision that stood in the file before.
        """
        pair = self.questions[self._position].pair
        old = self.decisions.get(pair)
        before = change_decisions(self.path, {pair: Decision(decision, date.today(), old.note if old else "")})
        self._step(before)
        return before[pair]

    def skip(self) -> None:
        """Leave the question at hand for another time."""
        self._step({})

    def undo(self) -> bool:
        """Take back the last answer, on disk too, so that its question is at hand again.

        Returns:
            Whether there was one.
        """
        if not self._history:
            return False
        position, before = self._history[-1]
        change_decisions(self.path, before)
        self._history.pop()
        self._position = position
        self.decisions = read_decisions(self.path)
        return True

    def _step(self, before: Changes) -> None:
        self._history.append((self._position, before))
        self._position += 1
        # Read anew: somebody else may have decided meanwhile, and is not to be asked about twice.
        self.decisions = read_decisions(self.path)

"""What a person sees of a question: firm and candidate side by side, the evidence, and how much is done."""

from collections.abc import Sequence
from decimal import Decimal

from rich import box
from rich.console import Console, Group
from rich.table import Table
from rich.text import Text

from interface.terminal_text import visible
from reviewing.queue import Progress, Question

THOUSAND = 1_000


def short_dollars(amount: Decimal) -> str:
    """An amount as people say it: $768 k, $1.2 M, $3.4 B."""
    for size, unit in ((THOUSAND**3, "B"), (THOUSAND**2, "M")):
        # Half a last digit less: 999,960 is $1.0 M, not $1000 k.
        if amount >= Decimal(size) * Decimal("0.9995"):
            return f"${amount / size:,.1f} {unit}"
    return f"${amount / THOUSAND:,.0f} k" if amount >= THOUSAND else f"${amount:,.0f}"


def years(first: int | None, last: int | None) -> str:
    """The years from the first to the last award."""
    return "" if first is None else str(first) if first == last else f"{first} to {last}"


def side_by_side(question: Question, candidates: int) -> Table:
    """Firm and candidate in two columns; what agrees is green.

    Args:
        question: the firm and its candidate.
        candidates: how many candidates the firm has.
    """
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("")
    table.add_column("firm", overflow="fold")
    table.add_column(f"candidate {question.candidate_rank} of {candidates}", overflow="fold")
    amount = "" if question.award_amount is None else f"${question.award_amount:,.0f}"
    for label, ours, theirs in (
        ("name", question.company_name, question.candidate_recipient_name),
        ("city", question.company_city, question.candidate_recipient_city),
        ("state", question.company_state, question.candidate_recipient_state),
        ("ZIP", question.company_zip5, question.candidate_recipient_zip5),
        ("UEI", question.company_uei, question.candidate_recipient_uei),
        ("DUNS", question.company_duns, question.candidate_recipient_duns),
        ("parent", None, question.candidate_recipient_parent_name),
        ("awards", f"{question.award_count:,}", None),
        ("dollars", amount, None),
        ("years", years(question.first_award_year, question.last_award_year), None),
    ):
        agrees = ours is not None and theirs is not None and ours.casefold() == theirs.casefold()
        table.add_row(label, Text(visible(ours)), Text(visible(theirs), style="green" if agrees else ""))
    return table


def other_candidates(question: Question, candidates: Sequence[Question]) -> Text:
    """The firm's other candidates, one a line, since a good one may have a better rival."""
    lines = [
        f"  candidate {other.candidate_rank}, score {other.candidate_score:.1f}: "
        + ", ".join(
            visible(part)
            for part in (
                other.candidate_recipient_name,
                other.candidate_recipient_city,
                other.candidate_recipient_state,
                other.candidate_recipient_zip5,
            )
            if part
        )
        for other in candidates
        if other != question
    ]
    return Text("\n".join(["The others:", *lines] if lines else []), style="dim")


def show(console: Console, question: Question, candidates: Sequence[Question], progress: Progress) -> None:
    """Print a question.

    Args:
        console: where to.
        question: the firm and its candidate.
        candidates: all candidates of the firm.
        progress: how much is done.
    """
    done = f"{short_dollars(progress.decided_amount)} decided of {short_dollars(progress.amount)}"
    console.print(
        Group(
            Text(f"\nFirm {progress.firm_number} of {progress.firms}, {done}", style="bold"),
            side_by_side(question, len(candidates)),
            Text(f"Score {question.candidate_score:.1f}: {visible(question.explanation)}"),
            other_candidates(question, candidates),
        )
    )

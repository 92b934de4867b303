"""The name cases: pairs of made-up names of which is known whether they are one firm, by the kind of difference."""

import csv
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from database.warehouse import WarehouseError
from evaluation.floors import Picks, naive_picks
from evaluation.judging import Tally
from evaluation.links import Linked, Place, link

FIXTURES = Path(__file__).parents[2] / "tests" / "fixtures"
CASES = FIXTURES / "name_cases.csv"
RESULTS = FIXTURES / "evaluation_results.json"


@dataclass(frozen=True)
class Case:
    """A company and a recipient that are the same firm, or are not."""

    case_id: str
    category: str
    company: Place
    recipient: Place
    is_same: bool


@dataclass
class Count:
    """Cases of a category: how many, right, linked to a recipient that is another firm, not linked to their own."""

    cases: int = 0
    right: int = 0
    wrong_link: int = 0
    missed: int = 0


@dataclass(frozen=True)
class CaseResults:
    """How the name cases came out.

    Attributes:
        categories: category → counts, in the order of the file.
        not_right: the ids of cases that are not right, in the order of the file.
        ways: our way of linking first, then the naive floors, each as linked, right and wrong of the same firms.
    """

    categories: dict[str, Count]
    not_right: list[str]
    ways: dict[str, Tally]

    def frozen(self) -> dict[str, Any]:
        """What is kept to compare later runs with."""
        ours = next(iter(self.ways.values()))
        return {
            "total": {"precision": ours.precision, "recall": ours.recall},
            "categories": {category: asdict(count) for category, count in self.categories.items()},
            "not_right": self.not_right,
        }

    def as_json(self) -> dict[str, Any]:
        """All numbers for the report."""
        return {**self.frozen(), "ways": {way: counts.as_json() for way, counts in self.ways.items()}}


def read_cases(path: Path = CASES) -> list[Case]:
    """Read name cases.

    Raises:
        WarehouseError: if the file cannot be read or a case says neither same nor different.
    """
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        for row in rows:
            if row["expected"] not in ("same", "different"):
                raise WarehouseError(
                    f"{path}: case {row['case_id']} expects {row['expected']!r}. Write same or different"
                )
        return [
            Case(
                case_id=row["case_id"],
                category=row["category"],
                company=Place(row["company_name"], row["company_state"], row["company_city"]),
                recipient=Place(row["recipient_name"], row["recipient_state"], row["recipient_city"]),
                is_same=row["expected"] == "same",
            )
            for row in rows
        ]
    except (OSError, UnicodeError, KeyError) as error:
        raise WarehouseError(f"{path}: cannot be read as name cases: {error!r}. Restore the file") from error


def evaluate_cases(cases: Sequence[Case], *, with_floors: bool = True) -> CaseResults:
    """Link all cases at once, so that each company meets the recipients of all, and judge them.

    Args:
        cases: the cases.
        with_floors: whether to judge the naive ways as well.

    Raises:
        WarehouseError: if the models cannot be built.
    """
    linked = link([case.company for case in cases], [case.recipient for case in cases])
    return judge_cases(cases, linked, with_floors=with_floors)


def judge_cases(cases: Sequence[Case], linked: Linked, *, with_floors: bool = True) -> CaseResults:
    """Judge linked cases: company and recipient of a case have its position as their number."""
    ways = {"this project": linked.picks(), **(naive_picks(linked) if with_floors else {})}
    ours = next(iter(ways.values()))
    categories: dict[str, Count] = defaultdict(Count)
    not_right = []
    for number, case in enumerate(cases):
        count = categories[case.category]
        count.cases += 1
        is_right = (ours.get(number) == number) == case.is_same
        is_linked_wrongly = not is_right and number in ours
        count.right += is_right
        count.wrong_link += is_linked_wrongly
        count.missed += not is_right and not is_linked_wrongly
        if not is_right:
            not_right.append(case.case_id)
    return CaseResults(dict(categories), not_right, {way: _tally_cases(cases, picks) for way, picks in ways.items()})


def _tally_cases(cases: Sequence[Case], picks: Picks) -> Tally:
    own = {number for number, recipient in picks.items() if number == recipient}
    right = sum(cases[number].is_same for number in own)
    # A company expected to differ from its recipient may have another one's recipient; only its own would be a mistake.
    astray = sum(cases[number].is_same for number in picks if number not in own)
    return Tally(sum(case.is_same for case in cases), len(picks), right, len(own) - right + astray)


def read_results(path: Path = RESULTS) -> dict[str, Any]:
    """Read the frozen results of the name cases.

    Raises:
        WarehouseError: if there are none.
    """
    try:
        results: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))["name_cases"]
    except (OSError, ValueError, KeyError) as error:
        raise WarehouseError(f"{path}: holds no results ({error!r}). Write them with: --save-results") from error
    return results


def write_results(results: CaseResults, path: Path = RESULTS) -> None:
    """Freeze the results of the name cases.

    Raises:
        WarehouseError: if the file cannot be written.
    """
    try:
        path.write_text(json.dumps({"name_cases": results.frozen()}, indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        raise WarehouseError(f"Cannot write {path}: {error.strerror}") from error


def find_setbacks(now: Mapping[str, Any], frozen: Mapping[str, Any]) -> list[str]:
    """What got worse since results were frozen; what got better is no matter.

    Args:
        now: results as `CaseResults.frozen` gives them.
        frozen: earlier ones.

    Returns:
        A sentence each: cases that are no longer right, and a lower precision or recall of all cases.
    """
    setbacks = [
        f"case {case_id} is no longer right" for case_id in now["not_right"] if case_id not in frozen["not_right"]
    ]
    for share in ("precision", "recall"):
        before, after = frozen["total"][share], now["total"][share]
        if (after or 0.0) < (before or 0.0):
            setbacks.append(f"{share} of all cases fell from {before:.2%} to {after or 0.0:.2%}")
    return setbacks

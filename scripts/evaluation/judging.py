"""Who should be linked to whom by people's labels, and how links are judged by them."""

import csv
from collections.abc import Iterable, Mapping, Set
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from database.warehouse import WarehouseError
from evaluation.links import Linked, Place
from loading.layout import missing_message

COLUMNS = ("fpds_legal_business_name", "fpds_uei", "fpds_city", "fpds_state", "sbir_company", "label", "label_kind")
# Labelled without a person's look, since the names are equal but for case, punctuation and legal form.
TRIVIAL_KIND = "auto_exact"


class Outcome(StrEnum):
    """What became of a company."""

    RIGHT = "right"
    WRONG = "wrong"
    SAME_NAME = "same name, unlabelled"
    MISSED = "missed"
    NONE = "rightly unlinked"


@dataclass(frozen=True)
class Labels:
    """People's labels, by company.

    Attributes:
        recipients: every labelled recipient once, in the order of the file.
        same: company → names of the recipients that are it (label 1); every labelled company has an entry.
        different: company → names of the recipients that are not (label 0); a name that has both labels is the same.
        trivial: companies all of whose labels are trivial.
    """

    recipients: list[Place]
    same: dict[str, frozenset[str]]
    different: dict[str, frozenset[str]]
    trivial: frozenset[str]


@dataclass(frozen=True)
class Tally:
    """Counted outcomes.

    Attributes:
        expected: companies that have a recipient to be linked to, but for those linked to their own name: of these no
            label tells whether they were found.
        linked: companies linked to anybody.
        right: links to the company's own recipient.
        wrong: links to another.
        same_name: links to a recipient of the company's own name, unlabelled; neither right nor wrong.
    """

    expected: int
    linked: int
    right: int
    wrong: int
    same_name: int = 0

    @property
    def precision(self) -> float | None:
        """Right links as a share of right and wrong ones."""
        return self.right / (self.right + self.wrong) if self.right + self.wrong else None

    @property
    def recall(self) -> float | None:
        """Right links as a share of the expected companies."""
        return self.right / self.expected if self.expected else None

    @property
    def f1(self) -> float | None:
        """The harmonic mean of precision and recall."""
        if self.precision is None or self.recall is None:
            return None
        return 2 * self.precision * self.recall / (self.precision + self.recall) if self.right else 0.0

    def as_json(self) -> dict[str, Any]:
        """Counts and shares for the report."""
        return {**asdict(self), "precision": self.precision, "recall": self.recall, "f1": self.f1}


def read_labels(path: Path) -> Labels:
    """Read pairs of names that people labelled as the same firm (1) or different ones (0).

    Args:
        path: CSV with at least the columns `COLUMNS`; UEI, city, state and kind may be blank.

    Raises:
        WarehouseError: if the file cannot be read, lacks a column, holds no pair, or a pair lacks a name or its label.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, restval="")
            header = list(reader.fieldnames or [])
            for column in COLUMNS:
                if column not in header:
                    raise WarehouseError(f"{path}: {missing_message(column, header, {*header} & {*COLUMNS})}")
            # Blanks are collapsed as loading collapses them, so that names are found again after it.
            pairs = [(reader.line_num, {column: " ".join(row[column].split()) for column in COLUMNS}) for row in reader]
    except (OSError, UnicodeError, csv.Error) as error:
        raise WarehouseError(f"{path}: cannot be read as CSV in UTF-8: {error}. Mend the file") from error
    if not pairs:
        raise WarehouseError(f"{path}: the file holds no pairs. Give at least one")
    for line, pair in pairs:
        if pair["label"] not in ("0", "1"):
            raise WarehouseError(
                f"{path}: line {line:,} has the label {pair['label']!r}. Write 1 (same) or 0 (different)"
            )
        for column in ("fpds_legal_business_name", "sbir_company"):
            if not pair[column]:
                raise WarehouseError(f"{path}: line {line:,} has no {column}. Give both names of a pair")
    return _collect([pair for _, pair in pairs])


def _collect(pairs: Iterable[Mapping[str, str]]) -> Labels:
    recipients: dict[Place, None] = {}
    same: dict[str, set[str]] = {}
    different: dict[str, set[str]] = {}
    judged: set[str] = set()
    for pair in pairs:
        company, name = pair["sbir_company"], pair["fpds_legal_business_name"]
        recipients[Place(name, pair["fpds_state"], pair["fpds_city"], uei=pair["fpds_uei"])] = None
        same.setdefault(company, set())
        different.setdefault(company, set())
        (same if pair["label"] == "1" else different)[company].add(name)
        if pair["label_kind"] != TRIVIAL_KIND:
            judged.add(company)
    return Labels(
        recipients=list(recipients),
        same={company: frozenset(names) for company, names in same.items()},
        different={company: frozenset(names - same[company]) for company, names in different.items()},
        trivial=frozenset(same.keys() - judged),
    )


def nothing_shared(labels: Labels, linked: Linked) -> frozenset[str]:
    """The companies whose recipients share no word with them: renames and takeovers that no name can show.

    Words are those that the models compare: of normalised names, without connecting words, under one spelling.

    Args:
        labels: the labels.
        linked: a run with all labelled companies and recipients.
    """
    nothing: frozenset[str] = frozenset()
    return frozenset(
        company
        for company, names in labels.same.items()
        if names and not any(linked.words.get(company, nothing) & linked.words.get(name, nothing) for name in names)
    )


def judge(
    company: str, picked: str | None, labels: Labels, normalized: Mapping[str, str], *, is_expected: bool
) -> Outcome:
    """Judge what a company was linked to.

    Args:
        company: the company.
        picked: name of the recipient it was linked to; None where it was not linked.
        labels: people's labels.
        normalized: spelling → normalised name.
        is_expected: whether a recipient of the company is in the list at all.

    Returns:
        Right where the name, or one that is the same after normalisation, is labelled the same. The company's own
        name is no mistake where nobody labelled the pair, but no proof either.
    """
    if picked is None:
        return Outcome.MISSED if is_expected else Outcome.NONE
    name = normalized.get(picked) or picked
    if picked in labels.same[company] or name in {normalized.get(true) for true in labels.same[company]}:
        return Outcome.RIGHT
    if picked not in labels.different[company] and name == normalized.get(company):
        return Outcome.SAME_NAME
    return Outcome.WRONG


def tally(outcomes: Mapping[str, Outcome], expected: Set[str]) -> Tally:
    """Count outcomes.

    Args:
        outcomes: company → what became of it.
        expected: the companies that have a recipient in the list.
    """
    found = list(outcomes.values())
    right, wrong, same_name = (found.count(kind) for kind in (Outcome.RIGHT, Outcome.WRONG, Outcome.SAME_NAME))
    findable = sum(company in expected and outcome != Outcome.SAME_NAME for company, outcome in outcomes.items())
    return Tally(findable, right + wrong + same_name, right, wrong, same_name)

"""Labelled pairs of names, linked end to end: hard pairs, among strangers, and with recipients withheld."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import asdict, dataclass
from typing import Any

from evaluation.floors import Picks, naive_picks
from evaluation.judging import Labels, Outcome, Tally, judge, nothing_shared, tally
from evaluation.links import Linked, Place, link

OURS = "this project"


@dataclass(frozen=True)
class Finding:
    """A company linked wrongly, or missed, or linked to its own name though its recipient was withheld."""

    company: str
    state: str
    outcome: Outcome
    recipient: str
    score: float | None
    explanation: str
    true_names: list[str]
    is_withheld: bool


@dataclass(frozen=True)
class Withheld:
    """What became of the companies whose recipients were taken out: how many, linked to another name, to their own."""

    firms: int
    linked_to_another_name: int
    linked_to_own_name: int


@dataclass(frozen=True)
class Judged:
    """One way of linking, judged.

    Attributes:
        links: the outcomes of the companies whose recipients are as labelled.
        rejected_accepted: labelled-different pairs that it linked.
        withheld: what became of the others, whose recipients were taken out; none in a closed world.
    """

    links: Tally
    rejected_accepted: int
    withheld: Withheld | None

    def as_json(self) -> dict[str, Any]:
        """All numbers for the report."""
        withheld = self.withheld and asdict(self.withheld)
        return {**self.links.as_json(), "rejected_accepted": self.rejected_accepted, "withheld": withheld}


@dataclass(frozen=True)
class Task:
    """One run over the labelled companies.

    Attributes:
        name: the task's key in the report.
        title: what the task is.
        companies: judged companies, those with withheld recipients left aside.
        recipients: rows of the list they were linked to.
        rejected_pairs: labelled-different pairs of these companies.
        ways: our way first, then the naive floors.
        findings: what our way got wrong, missed, or linked though the recipient was withheld.
    """

    name: str
    title: str
    companies: int
    recipients: int
    rejected_pairs: int
    ways: dict[str, Judged]
    findings: list[Finding]

    @property
    def ours(self) -> Judged:
        """How the project's own models did."""
        return self.ways[OURS]

    def as_json(self) -> dict[str, Any]:
        """All numbers for the report."""
        return {
            "title": self.title,
            "companies": self.companies,
            "recipients": self.recipients,
            "rejected_pairs": self.rejected_pairs,
            "ways": {way: judged.as_json() for way, judged in self.ways.items()},
            "findings": [asdict(finding) for finding in self.findings],
        }


def evaluate_pairs(
    labels: Labels, states: Mapping[str, str], others: Sequence[Place] = (), *, with_floors: bool = True
) -> list[Task]:
    """Link the labelled companies to the labelled recipients and judge the links by the labels.

    Trivial companies and those whose recipients share nothing with them are linked, but not judged; the open world
    judges trivial ones too, as telling them from strangers is its point.

    Args:
        labels: the labels.
        states: company → state, where it is known.
        others: further recipients to tell apart from the labelled ones (distractors).
        with_floors: whether to judge the naive ways as well.

    Returns:
        Hard pairs; the same among all further recipients, where there are any; the open world, where any
        recipients are withheld and any are left.

    Raises:
        WarehouseError: if the models cannot be built.
    """
    companies = [Place(company, states.get(company, "")) for company in sorted(labels.same)]
    linked = link(companies, labels.recipients)
    nothing = nothing_shared(labels, linked)
    judged = labels.same.keys() - labels.trivial - nothing
    tasks = [_judge_run("hard_pairs", "Labelled pairs", linked, labels, judged, with_floors=with_floors)]
    if others:
        linked = link(companies, [*labels.recipients, *others])
        title = "The same among all recipients loaded"
        tasks.append(_judge_run("among_all", title, linked, labels, judged, with_floors=with_floors))
    withheld = frozenset(sorted(company for company, names in labels.same.items() if names)[::2])
    open_universe = without_recipients(withheld, labels, linked)
    if withheld and open_universe:
        linked = link(companies, open_universe)
        judged = (labels.same.keys() - nothing) | withheld
        title = "Open world, the recipients of every second firm taken out"
        tasks.append(_judge_run("open_world", title, linked, labels, judged, withheld, with_floors=with_floors))
    return tasks


def without_recipients(companies: Set[str], labels: Labels, linked: Linked) -> list[Place]:
    """What is left of a list of recipients without those of some companies, under whatever name or row.

    Args:
        companies: whose recipients are taken out.
        labels: people's labels.
        linked: a run with that list.

    Returns:
        The list without each row of a labelled name, of its UEI, or of the same normalised name.
    """
    names = {name for company in companies for name in labels.same[company]}
    forms = {linked.normalized[name] for name in names if linked.normalized.get(name)}
    ueis = {row.uei for row in labels.recipients if row.name in names and row.uei}
    return [
        row
        for row in linked.universe
        if row.name not in names and row.uei not in ueis and linked.normalized.get(row.name) not in forms
    ]


def _judge_run(
    name: str,
    title: str,
    linked: Linked,
    labels: Labels,
    judged: Set[str],
    withheld: Set[str] = frozenset(),
    *,
    with_floors: bool,
) -> Task:
    listed = {linked.normalized.get(row.name) or row.name for row in linked.universe}
    expected = {
        company
        for company in judged - withheld
        if any((linked.normalized.get(true) or true) in listed for true in labels.same[company])
    }
    ways = {OURS: linked.picks(), **(naive_picks(linked) if with_floors else {})}
    outcomes = {way: _outcomes(picks, linked, labels, judged, expected) for way, picks in ways.items()}
    return Task(
        name=name,
        title=title,
        companies=len(judged - withheld),
        recipients=len(linked.universe),
        rejected_pairs=sum(len(labels.different[company]) for company in judged),
        ways={
            way: Judged(
                links=tally({company: found[company] for company in judged - withheld}, expected),
                rejected_accepted=_count_rejected(ways[way], linked, labels, judged),
                withheld=_tally_withheld([found[company] for company in withheld]) if withheld else None,
            )
            for way, found in outcomes.items()
        },
        findings=_describe(outcomes[OURS], linked, labels, withheld),
    )


def _tally_withheld(outcomes: Sequence[Outcome]) -> Withheld:
    return Withheld(len(outcomes), outcomes.count(Outcome.WRONG), outcomes.count(Outcome.SAME_NAME))


def _outcomes(picks: Picks, linked: Linked, labels: Labels, judged: Set[str], expected: Set[str]) -> dict[str, Outcome]:
    outcomes = {}
    for number, query in enumerate(linked.queries):
        if query.name in judged:
            picked = linked.universe[picks[number]].name if number in picks else None
            outcomes[query.name] = judge(
                query.name, picked, labels, linked.normalized, is_expected=query.name in expected
            )
    return outcomes


def _count_rejected(picks: Picks, linked: Linked, labels: Labels, judged: Set[str]) -> int:
    pairs = ((linked.queries[query].name, linked.universe[recipient].name) for query, recipient in picks.items())
    return sum(company in judged and name in labels.different[company] for company, name in pairs)


def _describe(outcomes: Mapping[str, Outcome], linked: Linked, labels: Labels, withheld: Set[str]) -> list[Finding]:
    findings = []
    for number, query in enumerate(linked.queries):
        outcome = outcomes.get(query.name)
        if outcome in (Outcome.WRONG, Outcome.MISSED) or (outcome == Outcome.SAME_NAME and query.name in withheld):
            answer = linked.answers.get(number)
            findings.append(
                Finding(
                    company=query.name,
                    state=query.state,
                    outcome=outcome,
                    recipient=linked.universe[answer.recipient].name if answer else "",
                    score=answer.score if answer else None,
                    explanation=answer.explanation if answer else "no candidate comes close",
                    true_names=sorted(labels.same[query.name]),
                    is_withheld=query.name in withheld,
                )
            )
    return findings

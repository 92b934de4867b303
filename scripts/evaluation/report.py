"""How an evaluation is printed for people: tables, and a line for each mistake."""

import re
import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.text import Text

from evaluation.cases import CaseResults
from evaluation.floors import FLOOR_SCORE
from evaluation.judging import Tally
from evaluation.pairs import Finding, Task
from interface.printed_tables import print_table, share
from interface.terminal_text import visible

# What rpt_evaluation is broken down by, in the order of printing; states are left to the table itself.
DIMENSIONS = ("total", "half", "match_method", "agency", "last_award_year", "phase", "name_length")
# Values printed of a breakdown, those with most firms; the others stand in the table.
SHOWN_VALUES = 8

Row = Mapping[str, Any]


def share_within(row: Row, name: str) -> str:
    """A share with the bounds that the row gives for it."""
    if row[name] is None:
        return "-"
    return f"{share(row[name])} ({100 * row[f'{name}_lower']:.1f}-{100 * row[f'{name}_upper']:.1f})"


def print_figures(console: Console, figures: Mapping[str, Sequence[Row]]) -> None:
    """Print the working warehouse's own evaluation.

    Args:
        console: where to.
        figures: table of the schema quality → its rows.
    """
    _print_breakdown(console, figures["rpt_evaluation"])
    precision = [
        [row["match_method"], row["score_band"], row["judged"], row["right_links"], share_within(row, "precision")]
        for row in figures["measured_precision"]
    ]
    headers = ["method", "score", "judged", "right", "precision"]
    print_table(console, "How often each method is right, as far as it can be judged", headers, precision, texts=2)
    agreement = [
        [row["match_method"], row["compared"], row["agreeing"], share_within(row, "agreement")]
        for row in figures["identifier_agreement"]
    ]
    headers = ["method", "compared", "agreeing", "agreement"]
    print_table(console, "How often the identifiers of an award name the same recipient", headers, agreement)
    blocking = [
        [
            row["blocking_key"].replace("_", " "),
            row["pairs"],
            row["pairs_per_firm_name"],
            row["true_links"],
            row["surviving_links"],
            share(row["surviving_share"]),
        ]
        for row in figures["rpt_blocking"]
    ]
    headers = ["blocking key", "pairs", "per firm name", "true links", "kept", "share kept"]
    print_table(console, "What blocking costs and keeps", headers, blocking)
    sweep = [
        [row["threshold"], row["accepted_firms"], row["expected_wrong_firms"], row["review_firms"]]
        for row in sorted(figures["rpt_threshold_sweep"], key=lambda row: int(row["threshold"]))
        if row["threshold"] % 2 == 0
    ]
    headers = ["accept from", "accepted firms", "expected wrong", "left for review"]
    print_table(console, "What another accept threshold would do to similar names", headers, sweep)
    for row in figures["rpt_recoverable"]:
        console.print(
            f"Recoverable: {row['matchable_awards']:,} of {row['awards']:,} awards could be matched at all, "
            f"{row['matched_awards']:,} are ({share(row['matched_share_of_matchable'])} of those). "
            f"{row['special_name_awards']:,} name nobody, {row['too_early_awards']:,} are too early for USAspending.\n"
        )


def _print_breakdown(console: Console, evaluation: Sequence[Row]) -> None:
    if not any(row["firms"] for row in evaluation):
        console.print("The name rules cannot be measured here: no firm's identifiers tell its recipient.\n")
        return
    rows: list[list[Any]] = []
    left_out = 0
    for dimension in DIMENSIONS:
        found = sorted((row for row in evaluation if row["dimension"] == dimension), key=lambda row: -row["firms"])
        left_out += len(found[SHOWN_VALUES:])
        if dimension != "total":
            rows.append([dimension.replace("_", " ")])
        for row in sorted(found[:SHOWN_VALUES], key=_order):
            value = row["dimension_value"].replace("evaluation-", "recipient ")
            rows.append(
                [
                    value if dimension == "total" else f"  {value}",
                    row["firms"],
                    row["right_links"],
                    row["wrong_links"],
                    row["missed"],
                    share_within(row, "precision"),
                    share(row["recall"]),
                    share(row["same_name_share"]),
                ]
            )
    headers = ["", "firms", "right", "wrong", "missed", "precision", "recall", "same name"]
    title = "The name rules on firms whose recipient is known, with their identifiers hidden"
    print_table(console, title, headers, rows)
    more = f"{left_out:,} more values, and states, are in" if left_out else "States are in"
    console.print(
        "Same name: links to the right name under another identifier, as a share of links; not in precision. "
        f"In brackets 95 % Wilson bounds. {more} quality.rpt_evaluation.\n"
    )


def _order(row: Row) -> tuple[float, int]:
    number = re.search(r"\d+", row["dimension_value"])
    is_scale = row["dimension"] in ("last_award_year", "name_length")
    return (float(number[0]) if number else float("inf")) if is_scale else 0.0, -row["firms"]


def print_cases(console: Console, results: CaseResults, setbacks: Sequence[str]) -> None:
    """Print how the name cases came out.

    Args:
        console: where to.
        results: the results.
        setbacks: what is worse than in the frozen results.
    """
    rows: list[list[Any]] = [
        [category.replace("_", " "), count.cases, count.right, count.wrong_link, count.missed]
        for category, count in results.categories.items()
    ]
    rows.append(["all", *(sum(column) for column in zip(*(row[1:] for row in rows), strict=True))])
    print_table(console, "Name cases", ["category", "cases", "right", "wrong link", "missed"], rows)
    if results.not_right:
        console.print(f"Not right: cases {', '.join(results.not_right)} of tests/fixtures/name_cases.csv\n")
    for setback in setbacks:
        console.print(f"Worse than the frozen results: {setback}\n")
    print_ways(console, "Name cases, beside naive ways", results.ways)


def print_legend(console: Console) -> None:
    """Say what the columns of `print_ways` mean."""
    console.print(
        "Firms: those whose recipient is in the list, but for those under own. Right: linked to a recipient that "
        "people found the same, or that has its name. Own: linked to the firm's own name, which nobody labelled; "
        "neither right nor wrong. Beside it naive ways, on the same normalised names: equal names, and the best "
        f"recipient by rapidfuzz's token_sort_ratio and token_set_ratio from {FLOOR_SCORE} on.\n"
    )


def print_task(console: Console, task: Task) -> None:
    """Print a run over labelled pairs: our numbers beside the naive ways, then each mistake."""
    rejected = {way: judged.rejected_accepted for way, judged in task.ways.items()}
    further: dict[str, Mapping[str, object]] = {"rejected": rejected}
    note = f"Rejected: linked pairs that people found different, of {task.rejected_pairs:,}."
    if task.ours.withheld:
        further["withheld"] = {
            way: judged.withheld.linked_to_another_name for way, judged in task.ways.items() if judged.withheld
        }
        withheld = task.ours.withheld
        note += (
            f" Withheld: {withheld.firms:,} firms without their recipients, of which "
            f"{withheld.linked_to_another_name:,} ({share(withheld.linked_to_another_name / withheld.firms)}) "
            f"are linked to another name and {withheld.linked_to_own_name:,} to their own name elsewhere."
        )
    title = f"{task.title}: {task.companies:,} companies, {task.recipients:,} recipients"
    print_ways(console, title, {way: judged.links for way, judged in task.ways.items()}, further)
    console.print(f"{note}\n")
    for finding in task.findings:
        console.print(Text(textwrap.fill(_describe(finding), console.width, subsequent_indent="  ")))
    if task.findings:
        console.print()


def _describe(finding: Finding) -> str:
    place = f" ({finding.state})" if finding.state else ""
    own = f"; own recipient: {' | '.join(finding.true_names)}" if finding.true_names else "; its recipient is unknown"
    if finding.score is None:
        said = finding.explanation
    else:
        verb = "closest" if finding.outcome == "missed" else "linked to"
        said = f"{verb} {finding.recipient}, {finding.score:.1f}: {finding.explanation}"
    kind = f"withheld, {finding.outcome}" if finding.is_withheld else finding.outcome
    return visible(f"{kind}: {finding.company}{place}: {said}{own}")


def print_ways(
    console: Console, title: str, ways: Mapping[str, Tally], further: Mapping[str, Mapping[str, object]] | None = None
) -> None:
    """Print ways of linking the same lists beside each other.

    Args:
        console: where to.
        title: what was linked.
        ways: name of the way → its counts.
        further: header of a further column → name of the way → its value.
    """
    further = further or {}
    rows = [
        [
            way,
            counts.expected,
            counts.linked,
            counts.right,
            counts.wrong,
            counts.same_name,
            share(counts.precision),
            share(counts.recall),
            share(counts.f1),
            *(column[way] for column in further.values()),
        ]
        for way, counts in ways.items()
    ]
    headers = ["", "firms", "linked", "right", "wrong", "own", "precision", "recall", "F1", *further]
    print_table(console, title, headers, rows)

"""What a soak found: its verdict, as a table and as JSON."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from soaking.campaign import Round
from soaking.readers import Tally


@dataclass(frozen=True)
class Result:
    """All that a soak counted.

    Attributes:
        seed: of its chance.
        seconds: how long it took.
        builds: builds that were started, the references among them.
        rounds: the faults.
        tallies: what each reader saw, the last of them the one that keeps files open.
    """

    seed: int
    seconds: float
    builds: int
    rounds: Sequence[Round]
    tallies: Sequence[Tally]

    @property
    def survived(self) -> Counter[str]:
        """Faults that disturbed a build and were got over, by kind."""
        return Counter(each.fault for each in self.rounds if each.hit and not each.wrong)

    @property
    def missed(self) -> Counter[str]:
        """Faults that came too late, were too mild or could not be made here."""
        return Counter(each.fault for each in self.rounds if not each.hit)

    @property
    def zeros(self) -> dict[str, int]:
        """The numbers that must be zero."""
        return {
            "faults not got over": sum(bool(each.wrong) for each in self.rounds),
            "failed reads": sum(each.failed for each in self.tallies),
            "rows lost": sum(each.rows_lost for each in self.rounds),
            "ungated rows seen": sum(each.ungated_rows for each in self.rounds)
            + sum(each.ungated_rows for each in self.tallies),
        }

    @property
    def is_good(self) -> bool:
        """Whether all that must be zero is, and somebody looked."""
        return not any(self.zeros.values()) and bool(self.rounds) and any(each.reads for each in self.tallies)

    @property
    def wrong(self) -> list[str]:
        """What did not hold, in words."""
        faults = [
            f"round {each.number}, {each.fault} ({each.told}): {sentence}"
            for each in self.rounds
            for sentence in each.wrong
        ]
        reads = [f"reader {number}: {text}" for number, each in enumerate(self.tallies, 1) for text in each.failures]
        return faults + reads

    def as_json(self) -> dict[str, Any]:
        """Everything, for a file."""
        return {
            "seed": self.seed,
            "seconds": round(self.seconds, 1),
            "is_good": self.is_good,
            "builds": self.builds,
            "survived": dict(self.survived),
            "missed": dict(self.missed),
            "reads": sum(each.reads for each in self.tallies),
            "publications_seen": len({version for each in self.tallies for version in each.versions}),
            "publications_outlived": sum(each.outlived for each in self.tallies),
            **{name.replace(" ", "_"): number for name, number in self.zeros.items()},
            "wrong": self.wrong,
            "rounds": [asdict(each) for each in self.rounds],
        }


def print_result(result: Result, console: Console) -> None:
    """Print the summary table, and what did not hold."""
    told = result.as_json()
    table = Table(title=f"Soak, seed {result.seed}")
    table.add_column("")
    table.add_column("number", justify="right")
    table.add_column("must be", justify="right")
    table.add_row("seconds", f"{result.seconds:,.0f}")
    table.add_row("builds", f"{result.builds:,}")
    table.add_row("faults survived", f"{sum(result.survived.values()):,}")
    for fault, number in sorted(result.survived.items()):
        table.add_row(f"  {fault}", f"{number:,}")
    if result.missed:
        names = ", ".join(f"{fault} {number}" for fault, number in sorted(result.missed.items()))
        table.add_row(f"without effect: {names}", f"{sum(result.missed.values()):,}")
    table.add_row("reads", f"{told['reads']:,}")
    table.add_row("publications seen", f"{told['publications_seen']:,}")
    table.add_row("publications with an older file open", f"{told['publications_outlived']:,}")
    for name, number in result.zeros.items():
        table.add_row(name, f"{number:,}", "0")
    console.print(table)
    for sentence in result.wrong:
        console.print(sentence, highlight=False, soft_wrap=True, markup=False)


def write_result(result: Result, path: Path) -> None:
    """Write the result as JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(result.as_json(), indent=2) + "\n", encoding="utf-8")

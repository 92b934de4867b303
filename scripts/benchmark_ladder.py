"""Run the pipeline on inputs of growing size: a table, a plot of cost against size, the ratio to the floor."""

import json
import math
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import altair
import click
from rich.console import Console

from benchmarking.environment import read_environment
from benchmarking.quality import read_outcome
from benchmarking.stages import (
    PROJECT,
    generate_inputs,
    input_file,
    last_line,
    run_pipeline,
    run_python,
    scratch_folder,
)
from database.warehouse import WarehouseError
from interface.command_line import run_command

REPORTS = Path("reports/benchmarks")
# Awards and recipients of each rung; the last is the nation.
LADDER = ((1_000, 80_000), (10_000, 80_000), (100_000, 800_000), (219_500, 3_300_000))
# Firms whose names are scored against all recipients' beside the last rung.
UNBLOCKED_FIRMS = 784
NAME_FOLDERS = ("names", "fuzzy")


@dataclass(frozen=True)
class Rung:
    """What one size cost, in seconds and MB, and how right the links are.

    Attributes:
        name_seconds: models that take names apart and those that resolve by likeness.
        floor_seconds: to normalise the names once and score the same pairs.
        unblocked_seconds: to score 784 firms against all recipients; None but on the last rung.
    """

    awards: int
    recipients: int
    load_seconds: float
    build_seconds: float
    publish_seconds: float
    fuzzy_seconds: float
    name_seconds: float
    floor_seconds: float
    pairs: int
    unblocked_seconds: float | None
    peak_memory_mb: float
    match_rate: float
    precision: float | None
    recall: float | None

    @property
    def seconds(self) -> float:
        """Load, build and publish."""
        return self.load_seconds + self.build_seconds + self.publish_seconds

    @property
    def ratio_to_floor(self) -> float:
        """How often the floor fits into what names cost."""
        return self.name_seconds / self.floor_seconds


def read_floor(folder: Path, unblocked: bool) -> dict[str, float]:
    """Time the floor of a run in a fresh process.

    Args:
        folder: the scratch folder of the run.
        unblocked: whether to score names against all recipients too.

    Returns:
        What `benchmarking.floor` prints.

    Raises:
        WarehouseError: if it could not run.
    """
    arguments = ["-m", "benchmarking.floor", str(folder / "warehouse"), str(folder / "target" / "compiled")]
    done = run_python([*arguments, str(UNBLOCKED_FIRMS)] if unblocked else arguments)
    if done.returncode:
        raise WarehouseError(f"The floor could not be timed: {last_line(done)}")
    found: dict[str, float] = json.loads(done.stdout)
    return found


def climb(awards: int, recipients: int, console: Console, *, is_last: bool) -> Rung:
    """Run one rung.

    Args:
        awards: how many.
        recipients: how many.
        console: where to say what is going on.
        is_last: whether it is the largest.

    Returns:
        What it cost.

    Raises:
        WarehouseError: if a stage could not run or a gate failed.
    """
    with scratch_folder() as scratch:
        folder = Path(scratch)
        inputs = folder / "inputs"
        size = f"{awards:,} awards, {recipients:,} recipients"
        console.print(f"{size}: generate", highlight=False)
        generate_inputs(awards, recipients, inputs)
        run = run_pipeline(inputs, folder, lambda stage: console.print(f"{size}: {stage}", highlight=False), PROJECT)
        if failed := [stage["name"] for stage in run.stages if stage["exit_code"]]:
            raise WarehouseError(f"{size}: the stage {failed[0]} failed; the gates or a model do not hold")
        costs = {stage["name"]: stage["seconds"] for stage in run.stages}
        outcome = read_outcome(run.warehouse, input_file(inputs, "true_links"))
        console.print(f"{size}: floor", highlight=False)
        floor = read_floor(folder, is_last)
        quality = outcome["quality"] or {}
        return Rung(
            awards,
            recipients,
            costs["load"],
            costs["build"],
            costs["publish"],
            run.seconds_in("fuzzy"),
            run.seconds_in(*NAME_FOLDERS),
            floor["normalising_seconds"] + floor["scoring_seconds"],
            int(floor["pairs"]),
            floor.get("all_against_all_seconds"),
            run.peak_memory_mb,
            outcome["enrichment_stats"]["match_rate"],
            quality.get("precision"),
            quality.get("recall"),
        )


def growth_exponent(rungs: list[Rung]) -> float:
    """The power of the number of recipients with which the seconds grow, between the last two rungs."""
    before, last = rungs[-2:]
    return math.log(last.seconds / before.seconds) / math.log(last.recipients / before.recipients)


def _share(value: float | None) -> str:
    return "unknown" if value is None else f"{value:.2%}"


def render_markdown(rungs: list[Rung], environment: dict[str, Any]) -> str:
    """The ladder as a Markdown table."""
    lines = [
        "| awards | recipients | load s | build s | of it fuzzy s | publish s | awards/s | peak MB "
        "| names ÷ floor | right | found |",
        "|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for rung in rungs:
        lines.append(
            f"| {rung.awards:,} | {rung.recipients:,} | {rung.load_seconds:.1f} | {rung.build_seconds:.1f} "
            f"| {rung.fuzzy_seconds:.1f} | {rung.publish_seconds:.1f} | {rung.awards / rung.seconds:,.0f} "
            f"| {rung.peak_memory_mb:,.0f} | {rung.ratio_to_floor:.1f} "
            f"| {_share(rung.precision)} | {_share(rung.recall)} |"
        )
    last = rungs[-1]
    lines.append("")
    if len(rungs) > 1:
        lines.append(f"Time grows with the number of recipients to the power of {growth_exponent(rungs):.2f}.  ")
    if last.unblocked_seconds:
        lines.append(
            f"The fuzzy stage took {last.fuzzy_seconds:.1f} s; `token_sort_ratio` of {UNBLOCKED_FIRMS} names against "
            f"all {last.recipients:,} took {last.unblocked_seconds:.1f} s.  "
        )
    lines.append(
        f"{environment['cpu']}, {environment['cores']} cores, {environment['memory_gb']} GB; "
        f"DuckDB {environment['duckdb']}; commit {environment['git_commit'] or 'unknown'}."
    )
    return "\n".join(lines) + "\n"


def plot(rungs: list[Rung], path: Path) -> None:
    """Draw seconds and memory against the number of recipients, on logarithmic axes.

    Args:
        rungs: the ladder.
        path: the SVG.
    """
    rows = [
        {"recipients": rung.recipients, "awards": rung.awards, "cost": cost, "value": value}
        for rung in rungs
        for cost, value in (
            ("seconds, whole", rung.seconds),
            ("seconds, fuzzy stage", rung.fuzzy_seconds),
            ("peak memory, GB", rung.peak_memory_mb / 1024),
        )
    ]
    chart = (
        altair.Chart({"values": rows}, title="Cost against size", width=480, height=320)
        .mark_line(point=True)
        .encode(
            x=altair.X("recipients:Q", scale=altair.Scale(type="log"), title="recipients"),
            y=altair.Y("value:Q", scale=altair.Scale(type="log"), title="seconds or GB"),
            color=altair.Color("cost:N", title=None),
            detail="cost:N",
            order="awards:Q",
        )
    )
    chart.save(str(path), format="svg")


@click.command()
@click.option("--rungs", type=click.IntRange(1, len(LADDER)), default=len(LADDER), show_default=True, help="How many.")
@click.option(
    "--output", type=click.Path(file_okay=False, path_type=Path), default=REPORTS, show_default=True, help="Folder."
)
def main(rungs: int, output: Path) -> None:
    """Climb the ladder and write ladder.json, ladder.md and ladder.svg."""
    console = Console(stderr=True)
    climbed = []
    for number, (awards, recipients) in enumerate(LADDER[:rungs], start=1):
        climbed.append(climb(awards, recipients, console, is_last=number == len(LADDER)))
    environment = read_environment(PROJECT, [])
    output.mkdir(parents=True, exist_ok=True)
    result = {"rungs": [asdict(rung) for rung in climbed], "environment": environment}
    (output / "ladder.json").write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    text = render_markdown(climbed, environment)
    (output / "ladder.md").write_text(text, encoding="utf-8")
    plot(climbed, output / "ladder.svg")
    click.echo(text)
    click.echo(f"Written to {output}/ladder.json, ladder.md and ladder.svg")


if __name__ == "__main__":
    run_command(main)

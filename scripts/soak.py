"""A soak: builds under faults, and readers beside them, that shows that nothing is lost and nothing ungated let out.

Works in a folder of its own. Exit codes: 0 all held, 1 something did not, 2 could not run, 130 and 143 stopped by a
signal.
"""

import os
import random
import secrets
import shutil
import tempfile
import time
from pathlib import Path

import click
from rich.console import Console

from interface.command_line import run_command
from soaking.builds import Site
from soaking.campaign import Campaign, Round, check_faults, fault_order, take_references
from soaking.checks import save_references
from soaking.faults import FAULTS
from soaking.inputs import SIZES, make_inputs
from soaking.readers import Readers
from soaking.report import Result, print_result, write_result

PROJECT = Path(__file__).parents[1]
REPORT = PROJECT / "reports" / "soak.json"
LARGEST_SEED = 1_000_000
DEFAULT_MINUTES = 10.0


def describe(this: Round) -> str:
    """A round in a line."""
    state = "FAILED: " + "; ".join(this.wrong) if this.wrong else "ok" if this.hit else "ok, without effect"
    return f"{this.number:4} {this.fault}: {this.told}; next build: {this.recovery}: {state}"


def soak(
    folder: Path, seed: int, minutes: float, rounds: int | None, readers: int, inputs: int, names: list[str]
) -> Result:
    """Run a soak.

    Args:
        folder: empty, for all its files.
        seed: of its chance.
        minutes: how long faults start, from the first undisturbed builds on; there is one at least.
        rounds: how many faults at most; None for as many as there is time for.
        readers: how many processes read beside the builds.
        inputs: how many inputs are built in turn.
        names: of the faults.

    Returns:
        What it counted.

    Raises:
        WarehouseError: if the inputs cannot be generated or built undisturbed.
    """
    started = time.monotonic()
    chance = random.Random(seed)  # noqa: S311
    console = Console()

    def tell(line: str) -> None:
        console.print(line, highlight=False, soft_wrap=True, markup=False)

    site = Site(folder / "warehouse", folder / "scratch")
    site.scratch.mkdir()
    given = make_inputs(folder / "inputs", inputs)
    references = take_references(site, given, tell)
    save_references(references, folder / "references.json")
    campaign = Campaign(site, given, references, chance)
    # Only now: a short soak would else be over before its first fault, and have shown nothing.
    until = time.monotonic() + 60 * minutes
    reading = Readers(site.published, folder / "references.json", readers, folder / "readers")
    try:
        for fault in fault_order(names, chance):
            is_over = len(campaign.rounds) == rounds or time.monotonic() > until
            if campaign.rounds and is_over:
                break
            tell(describe(campaign.run_round(fault)))
    finally:
        tallies = reading.end()
        site.end_leftovers()
    return Result(seed, time.monotonic() - started, site.builds, campaign.rounds, tallies)


@click.command()
@click.option("--minutes", type=click.FloatRange(min=0), default=DEFAULT_MINUTES, show_default=True, help="How long.")
@click.option("--rounds", type=click.IntRange(min=1), help="At most so many faults.")
@click.option("--seed", type=int, help="Of the faults and their moments; by default another each time.")
@click.option("--readers", type=click.IntRange(min=1), default=8, show_default=True, help="Readers beside the builds.")
@click.option("--inputs", type=click.IntRange(1, len(SIZES)), default=2, show_default=True, help="Built in turn.")
@click.option("--fault", "faults", multiple=True, help=f"Only these; may be repeated: {', '.join(FAULTS)}.")
@click.option("--report", type=click.Path(dir_okay=False, path_type=Path), default=REPORT, help="Where the JSON goes.")
def main(
    minutes: float,
    rounds: int | None,
    seed: int | None,
    readers: int,
    inputs: int,
    faults: tuple[str, ...],
    report: Path,
) -> int:
    """Build under faults with readers beside, and tell what did not hold."""
    check_faults(faults)
    report = report.absolute()
    os.chdir(PROJECT)
    seed = secrets.randbelow(LARGEST_SEED) if seed is None else seed
    folder = Path(tempfile.mkdtemp(prefix="sbir-soak-"))
    click.echo(f"Soak with seed {seed} in {folder}")
    is_good = False
    try:
        result = soak(folder, seed, minutes, rounds, readers, inputs, list(faults or FAULTS))
        is_good = result.is_good
    finally:
        if is_good:
            shutil.rmtree(folder, ignore_errors=True)
        else:
            click.echo(f"Everything is kept in {folder}; once more: scripts/soak.py --seed {seed}", err=True)
    write_result(result, report)
    print_result(result, Console())
    return 0 if is_good else 1


if __name__ == "__main__":
    run_command(main)

"""Time the real pipeline in fresh processes and judge it by a baseline or another revision.

Exit codes: 0 fine or warnings, 1 a regression, 2 could not run.
"""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

import click
import duckdb
from rich.console import Console

from benchmarking.environment import find_differences, read_environment
from benchmarking.quality import read_outcome
from benchmarking.regressions import find_regressions
from benchmarking.report import print_history, print_result, render_markdown
from benchmarking.revisions import checkout
from benchmarking.stages import PROJECT, SAMPLE, Run, generate_inputs, input_file, run_pipeline, scratch_folder
from database.warehouse import WarehouseError, connect
from interface.command_line import run_command

BENCHMARK_VERSION = "2.0"
REPORTS = Path("reports/benchmarks")
SAMPLE_BASELINE = Path("benchmarks/sample.json")
INPUT_NAMES = ("award_data", "recipient_lookup", "prime_award_summaries")


def summarise(runs: list[Run], inputs: Path, project: Path) -> dict[str, Any]:
    """Put the medians of the runs, and what the last one made, into the layout of the result file.

    Args:
        runs: of one revision, at least one.
        inputs: folder with the input files.
        project: the checkout that ran.

    Returns:
        The result, not judged yet.

    Raises:
        WarehouseError: if the build did not get as far as the enriched table.
    """
    outcome = read_outcome(runs[-1].warehouse, input_file(inputs, "true_links"))
    seconds = median(run.seconds for run in runs)
    spread = max(run.seconds for run in runs) - min(run.seconds for run in runs)
    longest = max(runs, key=lambda run: len(run.stages))
    stages = [
        {
            "name": stage["name"],
            "exit_code": max(run.stages[place]["exit_code"] for run in runs if len(run.stages) > place),
            **{
                cost: median(run.stages[place][cost] for run in runs if len(run.stages) > place)
                for cost in ("seconds", "peak_memory_mb", "memory_delta_mb")
            },
        }
        for place, stage in enumerate(longest.stages)
    ]
    with connect(runs[-1].warehouse, read_only=True) as connection:
        row = connection.execute("select count(*) from raw.recipients").fetchone()
    return {
        "enrichment_stats": outcome["enrichment_stats"],
        "performance_metrics": {
            "total_duration_seconds": round(seconds, 3),
            "records_per_second": round(outcome["enrichment_stats"]["total_awards"] / seconds, 2),
            "peak_memory_mb": round(median(run.peak_memory_mb for run in runs), 1),
            "avg_memory_delta_mb": round(sum(stage["memory_delta_mb"] for stage in stages) / len(stages), 1),
        },
        "stages": stages,
        "fuzzy_stage_seconds": round(median(run.seconds_in("fuzzy") for run in runs), 3),
        "model_seconds": {
            Path(file).stem: round(median(run.model_seconds.get(file, 0.0) for run in runs), 3)
            for file in runs[-1].model_seconds
        },
        "calibration_seconds": round(median(run.calibration_seconds for run in runs), 4),
        "runs": [
            {
                "seconds": round(run.seconds, 3),
                "peak_memory_mb": round(run.peak_memory_mb, 1),
                "calibration_seconds": round(run.calibration_seconds, 4),
            }
            for run in runs
        ],
        "spread_percent": round(100 * spread / seconds, 1),
        "quality": outcome["quality"],
        "breakdowns": outcome["breakdowns"],
        "inputs": {"awards": outcome["enrichment_stats"]["total_awards"], "recipients": row[0] if row else 0},
        "environment": read_environment(project, [input_file(inputs, name) for name in INPUT_NAMES]),
        "timestamp": datetime.now(UTC).isoformat(timespec="seconds"),
        "benchmark_version": BENCHMARK_VERSION,
    }


def read_baseline(path: Path) -> dict[str, Any] | None:
    """Read a baseline.

    Args:
        path: the baseline file.

    Returns:
        The baseline, or None where there is no file.

    Raises:
        WarehouseError: if it is no benchmark result.
    """
    if not path.exists():
        return None
    try:
        baseline: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        numbers = [
            baseline["enrichment_stats"]["total_awards"],
            baseline["enrichment_stats"]["match_rate"],
            baseline["performance_metrics"]["total_duration_seconds"],
            baseline["performance_metrics"]["peak_memory_mb"],
        ]
        sum(numbers)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise WarehouseError(
            f"{path} is no benchmark result ({error!r}). Write one with: --save-as-baseline"
        ) from error
    return baseline


def check_size(path: Path, baseline: dict[str, Any], sample_size: int | None) -> None:
    """Refuse to compare runs of different size, before one is made.

    Args:
        path: the baseline file.
        baseline: what it holds.
        sample_size: awards to generate; None for the committed sample.

    Raises:
        WarehouseError: if the baseline was measured on another number of awards.
    """
    now = sample_size or len(duckdb.read_csv(str(input_file(SAMPLE, "award_data")), all_varchar=True))
    then = baseline["enrichment_stats"]["total_awards"]
    if then != now:
        raise WarehouseError(
            f"{path} was measured on {then:,} awards, this run on {now:,}. "
            "Give the same --sample-size or another --baseline"
        )


def run_all(projects: dict[str, Path], inputs: Path, folder: Path, runs: int) -> dict[str, list[Run]]:
    """Run the pipeline of each checkout so many times, in turn, and say where it is.

    Args:
        projects: checkouts by name.
        inputs: folder with the input files.
        folder: a scratch folder.
        runs: how many of each.

    Returns:
        The runs of each checkout.

    Raises:
        WarehouseError: if a stage could not run.
    """
    found: dict[str, list[Run]] = {name: [] for name in projects}
    console = Console(stderr=True)
    with console.status("benchmark") as status:
        for number in range(1, runs + 1):
            for name, project in projects.items():

                def tell(stage: str, number: int = number, name: str = name) -> None:
                    where = f"run {number} of {runs}, {name}: {stage}"
                    if console.is_terminal:
                        status.update(where)
                    else:
                        console.print(where, highlight=False)

                found[name].append(run_pipeline(inputs, folder / f"{name}-{number}", tell, project))
    return found


def failed_stage(result: dict[str, Any]) -> str | None:
    """The stage of a result that failed, so that those after it did not run."""
    return next((stage["name"] for stage in result.get("stages", []) if stage["exit_code"]), None)


def judge(result: dict[str, Any], known: dict[str, Any] | None, name: str) -> None:
    """Add the verdicts to a result.

    Args:
        result: of this revision; gets `comparison` and `regressions`.
        known: what it is compared with, None where there is nothing.
        name: what to call that.
    """
    differences = find_differences(result["environment"], known.get("environment", {})) if known else []
    if known and (stage := failed_stage(known)):
        differences.append(f"the stage {stage} failed then")
    result["comparison"] = {"with": name if known else None, "not_compared": differences}
    result["regressions"] = find_regressions(result, known, compares_costs=not differences)
    if stage := failed_stage(result):
        result["regressions"]["failures"].append(f"the stage {stage} failed; the gates or a model do not hold")


def default_baseline(is_sample: bool) -> Path:
    """The baseline of this machine, else for the sample the one that is kept in git."""
    local = REPORTS / "baseline.json"
    return SAMPLE_BASELINE if is_sample and not local.exists() else local


@click.command()
@click.option(
    "--sample-size",
    type=click.IntRange(min=1),
    help="Awards to generate; without it the committed sample is used.",
)
@click.option("--recipients", type=click.IntRange(min=1), help="Recipients to generate, with --sample-size.")
@click.option("--runs", type=click.IntRange(min=1), default=1, show_default=True, help="Runs; medians are judged.")
@click.option("--save-as-baseline", is_flag=True, help="Write the result to the baseline too.")
@click.option(
    "--baseline",
    type=click.Path(dir_okay=False, path_type=Path),
    help="What to compare with  [default: reports/benchmarks/baseline.json, else benchmarks/sample.json]",
)
@click.option("--against", metavar="REV", help="Run this git revision too, in turn, and compare with it.")
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Result file  [default: reports/benchmarks/benchmark_<timestamp>.json]",
)
@click.option("--summary", type=click.Path(dir_okay=False, path_type=Path), help="Write the result as Markdown too.")
@click.option("--history", is_flag=True, help="Run nothing; print how earlier results developed.")
def main(
    sample_size: int | None,
    recipients: int | None,
    runs: int,
    save_as_baseline: bool,
    baseline: Path | None,
    against: str | None,
    output: Path | None,
    summary: Path | None,
    history: bool,
) -> None:
    """Time load, dbt build and publish in fresh processes and judge them by a baseline or another revision."""
    if history:
        if not print_history(REPORTS):
            raise WarehouseError(f"There are no results in {REPORTS} yet. Make one: run without --history")
        return
    if recipients and not sample_size:
        raise click.UsageError("--recipients needs --sample-size: how many awards to generate beside them")
    if against and (save_as_baseline or baseline):
        raise click.UsageError("--against compares with a revision, not with a baseline")
    known_path = baseline or default_baseline(sample_size is None)
    if save_as_baseline and baseline is None:
        known_path = REPORTS / "baseline.json"
    known = None if save_as_baseline or against else read_baseline(known_path)
    if known is not None:
        check_size(known_path, known, sample_size)
    elif baseline and not save_as_baseline:
        raise WarehouseError(f"{baseline} is not there to compare with. Write one with: --save-as-baseline")
    output = output or REPORTS / f"benchmark_{datetime.now(UTC):%Y%m%dT%H%M%SZ}.json"
    for path in filter(None, (output, summary, known_path if save_as_baseline else None)):
        # Before the runs: a folder that cannot be made would lose them.
        path.parent.mkdir(parents=True, exist_ok=True)
    with scratch_folder() as scratch:
        folder = Path(scratch)
        inputs = SAMPLE
        if sample_size is not None:
            inputs = folder / "inputs"
            generate_inputs(sample_size, recipients, inputs)
        projects = {"this revision": PROJECT}
        with checkout(against, folder / "revision") as other:
            if other is not None and against is not None:
                projects[against] = other
            found = run_all(projects, inputs, folder, runs)
            try:
                result = summarise(found["this revision"], inputs, PROJECT)
                if other is not None and against is not None:
                    known = summarise(found[against], inputs, other)
            except duckdb.Error as error:
                raise WarehouseError(f"The build made nothing to measure: {error}") from error
    judge(result, known, against or str(known_path))
    if against:
        result["against"] = known
    measured = json.dumps(result, indent=2, ensure_ascii=False) + "\n"
    output.write_text(measured, encoding="utf-8")
    if summary is not None:
        summary.write_text(render_markdown(result), encoding="utf-8")
    print_result(result, output)
    if save_as_baseline and failed_stage(result):
        click.echo(f"{known_path} is left as it was: a failed run is no baseline")
    elif save_as_baseline:
        known_path.write_text(measured, encoding="utf-8")
    elif known is None:
        click.echo(f"No baseline at {known_path}. Save one with: --save-as-baseline")
    sys.exit(1 if result["regressions"]["failures"] else 0)


if __name__ == "__main__":
    run_command(main)

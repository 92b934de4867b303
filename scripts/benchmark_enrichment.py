"""Time the real pipeline in fresh processes and judge it by a baseline.

Exit codes: 0 fine or warnings, 1 a regression, 2 could not run.
"""

import json
import os
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import duckdb
from benchmark_regressions import find_regressions
from rich.console import Console
from rich.table import Table

from warehouse import WarehouseError, connect

BENCHMARK_VERSION = "1.0"
REPORTS = Path("reports/benchmarks")
PROJECT = Path(__file__).parents[1]
SAMPLE = PROJECT / "data" / "sample"
# Recipients of a generated sample: enough for every situation, then per award as in the committed one.
MINIMUM_RECIPIENTS = 200
RECIPIENTS_PER_AWARD = 0.8
SEED = 20240601


def run_python(arguments: list[str], **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a script of the project in a fresh process and keep what it prints."""
    return subprocess.run(  # noqa: S603
        [sys.executable, *arguments],
        cwd=PROJECT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def last_line(done: subprocess.CompletedProcess[str]) -> str:
    """The last line a process printed, preferably to stderr."""
    lines = (done.stderr.strip() or done.stdout.strip() or "it printed nothing").splitlines()
    return lines[-1]


def generate_inputs(awards: int, folder: Path) -> None:
    """Write generated inputs of the given size into the folder."""
    recipients = MINIMUM_RECIPIENTS + round(awards * RECIPIENTS_PER_AWARD)
    sizes = ["--awards", str(awards), "--recipients", str(recipients), "--seed", str(SEED)]
    done = run_python(["scripts/generate_sample.py", *sizes, "--output", str(folder)])
    if done.returncode:
        raise WarehouseError(f"Cannot generate {awards} awards: {last_line(done)}")


def run_stage(name: str, arguments: list[str], folder: Path) -> dict[str, Any]:
    """Run a stage in a fresh process on the warehouse in the folder.

    Args:
        name: what to call the stage.
        arguments: `dbt` or a script, and its command line.
        folder: the scratch folder.

    Returns:
        name, exit_code, seconds, peak_memory_mb, memory_delta_mb.

    Raises:
        WarehouseError: if the stage could not run (exit code other than 0 and 1).
    """
    costs = folder / f"{name}.json"
    done = run_python(
        ["scripts/measured_stage.py", str(costs), *arguments],
        SBIR_WAREHOUSE_DIR=str(folder / "warehouse"),
        DBT_PROFILES_DIR="profiles",
        DBT_TARGET_PATH=str(folder / "target"),
        DBT_LOG_PATH=str(folder / "logs"),
    )
    if done.returncode not in (0, 1) or not costs.exists():
        raise WarehouseError(f"The stage {name} could not run: {last_line(done)}")
    measured = json.loads(costs.read_text(encoding="utf-8"))
    return {"name": name, "exit_code": done.returncode, **measured}


def run_pipeline(inputs: Path, folder: Path) -> list[dict[str, Any]]:
    """Load, build and publish in a scratch warehouse; a build whose gates fail is measured, not published.

    Args:
        inputs: folder with the three input files as CSV.
        folder: the scratch folder.

    Returns:
        One measurement per stage, as `run_stage` gives it.
    """
    load = ["scripts/load_raw.py", "--awards", str(inputs / "award_data.csv")]
    load += ["--recipients", str(inputs / "recipient_lookup.csv")]
    load += ["--prime-awards", str(inputs / "prime_award_summaries.csv")]
    stages = [run_stage("load", load, folder)]
    if stages[0]["exit_code"] == 0:
        stages.append(run_stage("build", ["dbt", "build", "--exclude-resource-type", "unit_test"], folder))
    if stages[-1]["name"] == "build" and stages[-1]["exit_code"] == 0:
        stages.append(run_stage("publish", ["scripts/publish.py"], folder))
    return stages


def read_enrichment_stats(folder: Path) -> dict[str, Any]:
    """Count the awards of the scratch warehouse by how they were matched.

    Raises:
        WarehouseError: if the build did not get as far as the enriched table.
    """
    os.environ["SBIR_WAREHOUSE_DIR"] = str(folder / "warehouse")
    query = """
        select
            count(*),
            count(*) filter (where awards._usaspending_match_status = 'matched'),
            count(*) filter (where methods.tier = 'exact'),
            count(*) filter (where methods.tier = 'fuzzy')
        from enrichment.enriched_sbir_awards as awards
        left join staging.match_methods as methods
            on awards._usaspending_match_method = methods.match_method
    """
    try:
        with connect(read_only=True) as connection:
            row = connection.execute(query).fetchone()
    except duckdb.CatalogException as error:
        raise WarehouseError("The build made no enriched_sbir_awards: nothing to measure") from error
    total, matched, exact, fuzzy = row if row else (0, 0, 0, 0)
    return {
        "total_awards": total,
        "matched_awards": matched,
        "exact_matches": exact,
        "fuzzy_matches": fuzzy,
        "match_rate": matched / total if total else 0.0,
        "unmatched_awards": total - matched,
    }


def summarise(stages: list[dict[str, Any]], stats: dict[str, Any]) -> dict[str, Any]:
    """Put measurements and counts into the layout of the result file."""
    seconds = sum(stage["seconds"] for stage in stages)
    return {
        "enrichment_stats": stats,
        "performance_metrics": {
            "total_duration_seconds": round(seconds, 3),
            "records_per_second": round(stats["total_awards"] / seconds, 2),
            "peak_memory_mb": round(max(stage["peak_memory_mb"] for stage in stages), 1),
            "avg_memory_delta_mb": round(sum(stage["memory_delta_mb"] for stage in stages) / len(stages), 1),
        },
        "stages": stages,
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


def check_size(path: Path, baseline: dict[str, Any], stats: dict[str, Any]) -> None:
    """Refuse to compare runs of different size.

    Raises:
        WarehouseError: if the baseline was measured on another number of awards.
    """
    then, now = baseline["enrichment_stats"]["total_awards"], stats["total_awards"]
    if then != now:
        raise WarehouseError(
            f"{path} was measured on {then:,} awards, this run on {now:,}. "
            "Give the same --sample-size or another --baseline"
        )


def print_result(result: dict[str, Any], output: Path) -> None:
    """Print the result for people: stages, rate, verdicts."""
    console = Console()
    table = Table("stage", "seconds", "peak MB", "RSS change MB")
    for stage in result["stages"]:
        costs = (stage["seconds"], stage["peak_memory_mb"], stage["memory_delta_mb"])
        table.add_row(stage["name"], *(f"{cost:.1f}" for cost in costs))
    console.print(table)
    stats, metrics = result["enrichment_stats"], result["performance_metrics"]
    console.print(
        f"{stats['matched_awards']:,} of {stats['total_awards']:,} awards matched "
        f"({stats['match_rate']:.1%}) in {metrics['total_duration_seconds']:.1f} s, "
        f"{metrics['records_per_second']:,.0f} awards/s; written to {output}",
        highlight=False,
        soft_wrap=True,
    )
    for kind in ("warnings", "failures"):
        for sentence in result["regressions"][kind]:
            console.print(f"{kind[:-1]}: {sentence}", highlight=False)


@click.command()
@click.option(
    "--sample-size",
    type=click.IntRange(min=1),
    help="Awards to generate; without it the committed sample is used.",
)
@click.option("--save-as-baseline", is_flag=True, help="Write the result to the baseline too.")
@click.option(
    "--baseline",
    type=click.Path(dir_okay=False, path_type=Path),
    default=REPORTS / "baseline.json",
    show_default=True,
    help="What to compare with.",
)
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Result file  [default: reports/benchmarks/benchmark_<timestamp>.json]",
)
def main(sample_size: int | None, save_as_baseline: bool, baseline: Path, output: Path | None) -> None:
    """Time load, dbt build and publish in fresh processes and judge them by a baseline."""
    known = None if save_as_baseline else read_baseline(baseline)
    with tempfile.TemporaryDirectory(prefix="sbir-benchmark-") as scratch:
        folder = Path(scratch)
        inputs = SAMPLE
        if sample_size is not None:
            inputs = folder / "inputs"
            generate_inputs(sample_size, inputs)
        stages = run_pipeline(inputs, folder)
        stats = read_enrichment_stats(folder)
    result = summarise(stages, stats)
    if known is not None:
        check_size(baseline, known, stats)
    result["regressions"] = find_regressions(result, known)
    if any(stage["exit_code"] for stage in stages):
        result["regressions"]["failures"].append(
            f"the stage {stages[-1]['name']} failed; the gates or a model do not hold"
        )
    output = output or REPORTS / f"benchmark_{datetime.now(UTC):%Y%m%dT%H%M%SZ}.json"
    for path in (output, baseline) if save_as_baseline else (output,):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    print_result(result, output)
    if known is None and not save_as_baseline:
        click.echo(f"No baseline at {baseline}. Save one with: --save-as-baseline")
    sys.exit(1 if result["regressions"]["failures"] else 0)


if __name__ == "__main__":
    main()

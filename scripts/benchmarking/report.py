"""How a benchmark result reads: in the terminal, in a pull request, over time."""

import json
from pathlib import Path
from statistics import median
from typing import Any

from rich.console import Console
from rich.table import Table

SLOWEST_SHOWN = 5
# Changes below this are no direction.
STEADY_PERCENT = 5.0
TRENDS = {
    "seconds": ("performance_metrics", "total_duration_seconds"),
    "awards/s": ("performance_metrics", "records_per_second"),
    "peak MB": ("performance_metrics", "peak_memory_mb"),
    "match rate": ("enrichment_stats", "match_rate"),
}
# Awards and, where a result says so, recipients.
Size = tuple[int, int | None]


def sentences(result: dict[str, Any]) -> list[str]:
    """What there is to say of a result beside its stages."""
    stats, metrics = result["enrichment_stats"], result["performance_metrics"]
    said = [
        f"{stats['matched_awards']:,} of {stats['total_awards']:,} awards matched ({stats['match_rate']:.1%}) in "
        f"{metrics['total_duration_seconds']:.1f} s, {metrics['records_per_second']:,.0f} awards/s",
        f"Fuzzy stage {result['fuzzy_stage_seconds']:.1f} s; slowest models: "
        + ", ".join(f"{name} {seconds:.1f} s" for name, seconds in slowest_models(result)),
    ]
    if len(result["runs"]) > 1:
        said.append(f"Medians of {len(result['runs'])} runs, which lie {result['spread_percent']:.0f} % apart")
    if quality := result["quality"]:
        said.append(
            f"By the truth {quality['right_links']:,} of {quality['links']:,} links are right "
            f"({quality['precision'] or 0:.2%}), {quality['recall'] or 0:.2%} of the true ones were found"
        )
    if differences := result["comparison"]["not_compared"]:
        said.append(f"Time and memory are not compared with {result['comparison']['with']}: {'; '.join(differences)}")
    return said


def slowest_models(result: dict[str, Any]) -> list[tuple[str, float]]:
    """Names and seconds of the slowest models."""
    return sorted(result["model_seconds"].items(), key=lambda model: -model[1])[:SLOWEST_SHOWN]


def print_result(result: dict[str, Any], output: Path) -> None:
    """Print the result for people: stages, rate, verdicts."""
    console = Console()
    table = Table("stage", "seconds", "peak MB", "RSS change MB")
    for stage in result["stages"]:
        costs = (stage["seconds"], stage["peak_memory_mb"], stage["memory_delta_mb"])
        table.add_row(stage["name"], *(f"{cost:.1f}" for cost in costs))
    console.print(table)
    for sentence in [*sentences(result), f"Written to {output}"]:
        console.print(sentence, highlight=False, soft_wrap=True, markup=False)
    for kind in ("warnings", "failures"):
        for sentence in result["regressions"][kind]:
            console.print(f"{kind[:-1]}: {sentence}", highlight=False, soft_wrap=True, markup=False)


def render_markdown(result: dict[str, Any]) -> str:
    """The result as Markdown, for a pull request."""
    failures, warnings = result["regressions"]["failures"], result["regressions"]["warnings"]
    verdict = "slower or worse" if failures else "worth a look" if warnings else "fine"
    lines = [f"## Benchmark: {verdict}", ""]
    lines += [f"- **failure**: {sentence}" for sentence in failures]
    lines += [f"- **warning**: {sentence}" for sentence in warnings]
    if failures or warnings:
        lines.append("")
    lines += ["| stage | seconds | peak MB |", "|---|--:|--:|"]
    lines += [
        f"| {stage['name']} | {stage['seconds']:.1f} | {stage['peak_memory_mb']:.0f} |" for stage in result["stages"]
    ]
    names = {
        "time_delta_percent": "time",
        "memory_delta_percent": "peak memory",
        "match_rate_delta_percent": "match rate",
    }
    deltas = [
        f"{names[name]} {delta:+.2f} {'points' if name == 'match_rate_delta_percent' else '%'}"
        for name, delta in result["regressions"]["analysis"].items()
        if delta is not None
    ]
    if deltas:
        lines += ["", f"Against {result['comparison']['with']}: {', '.join(deltas)}."]
    lines += ["", *(f"{sentence}.  " for sentence in sentences(result))]
    environment = result["environment"]
    lines.append(
        f"{environment['cpu']}, {environment['cores']} cores, {environment['memory_gb']} GB; Python "
        f"{environment['python']}, DuckDB {environment['duckdb']}; commit {environment['git_commit'] or 'unknown'}."
    )
    return "\n".join(lines) + "\n"


def direction(values: list[float]) -> str:
    """Where the latest value lies against the median of those before it."""
    if len(values) < 2:
        return ""
    before = median(values[:-1])
    change = 100.0 * (values[-1] - before) / before if before else 0.0
    if abs(change) < STEADY_PERCENT:
        return "steady"
    return f"{'up' if change > 0 else 'down'} {abs(change):.0f} %"


def print_history(folder: Path) -> int:
    """Print how the results in a folder developed, those on equally many awards and recipients together.

    Args:
        folder: with benchmark_*.json.

    Returns:
        How many results there are.
    """
    console = Console()
    results: list[tuple[str, Size, dict[str, float]]] = []
    for path in sorted(folder.glob("benchmark_*.json")):
        try:
            result = json.loads(path.read_text(encoding="utf-8"))
            size = (result["enrichment_stats"]["total_awards"], result.get("inputs", {}).get("recipients"))
            figures = {name: float(result[part][key]) for name, (part, key) in TRENDS.items()}
            results.append((str(result["timestamp"]), size, figures))
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            console.print(
                f"Left out, since it is no result: {path} ({error!r})", highlight=False, soft_wrap=True, markup=False
            )
    sizes: dict[Size, list[dict[str, float]]] = {}
    for _, size, figures in sorted(results, key=lambda dated: dated[0]):
        sizes.setdefault(size, []).append(figures)
    for (awards, recipients), same in sorted(sizes.items(), key=str):
        against = f" by {recipients:,} recipients" if recipients else ""
        table = Table(
            "figure",
            "min",
            "median",
            "max",
            "latest",
            "direction",
            title=f"{awards:,} awards{against}, {len(same)} runs",
        )
        for name in TRENDS:
            values = [figures[name] for figures in same]
            shown = (min(values), median(values), max(values), values[-1])
            digits = 4 if name == "match rate" else 1
            table.add_row(name, *(f"{value:,.{digits}f}" for value in shown), direction(values))
        console.print(table)
    return len(results)

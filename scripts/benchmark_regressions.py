"""Compare two benchmark results: what got slower, hungrier or worse."""

from typing import Any

TIME_WARNING_PERCENT = 10.0
TIME_FAILURE_PERCENT = 25.0
MEMORY_WARNING_PERCENT = 20.0
MEMORY_FAILURE_PERCENT = 50.0
MATCH_RATE_FAILURE_POINTS = -5.0


def percent_change(current: float, baseline: float) -> float:
    """Change against the baseline in percent; 0 where the baseline is 0."""
    return 100.0 * (current - baseline) / baseline if baseline else 0.0


def find_regressions(current: dict[str, Any], baseline: dict[str, Any] | None) -> dict[str, Any]:
    """Judge a benchmark result by its baseline.

    Time fails from +25 % and warns from +10 %, peak memory from +50 % and +20 %, and the match rate
    fails from 5 percentage points down.

    Args:
        current: a result of `benchmark_enrichment.py`.
        baseline: an earlier one, or None where there is none.

    Returns:
        `warnings` and `failures`, lists of sentences, and `analysis` with the three changes (percent,
        percent, percentage points), null without a baseline.
    """
    if baseline is None:
        nothing = dict.fromkeys(("time_delta_percent", "memory_delta_percent", "match_rate_delta_percent"))
        return {"warnings": [], "failures": [], "analysis": nothing}
    now, then = current["performance_metrics"], baseline["performance_metrics"]
    time_delta = percent_change(now["total_duration_seconds"], then["total_duration_seconds"])
    memory_delta = percent_change(now["peak_memory_mb"], then["peak_memory_mb"])
    rate_delta = 100.0 * (current["enrichment_stats"]["match_rate"] - baseline["enrichment_stats"]["match_rate"])
    warnings, failures = [], []
    for label, delta, warning, failure in (
        ("time", time_delta, TIME_WARNING_PERCENT, TIME_FAILURE_PERCENT),
        ("peak memory", memory_delta, MEMORY_WARNING_PERCENT, MEMORY_FAILURE_PERCENT),
    ):
        if delta >= failure:
            failures.append(f"{label} rose by {delta:.1f} %; {failure:.0f} % fails")
        elif delta >= warning:
            warnings.append(f"{label} rose by {delta:.1f} %; {failure:.0f} % fails")
    if round(rate_delta, 9) <= MATCH_RATE_FAILURE_POINTS:
        failures.append(
            f"match rate fell by {-rate_delta:.2f} percentage points; {-MATCH_RATE_FAILURE_POINTS:.0f} fail"
        )
    return {
        "warnings": warnings,
        "failures": failures,
        "analysis": {
            "time_delta_percent": round(time_delta, 2),
            "memory_delta_percent": round(memory_delta, 2),
            "match_rate_delta_percent": round(rate_delta, 4),
        },
    }

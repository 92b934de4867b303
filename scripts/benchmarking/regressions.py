"""Compare two benchmark results: what got slower, hungrier or worse."""

from typing import Any

TIME_WARNING_PERCENT = 10.0
TIME_FAILURE_PERCENT = 25.0
MEMORY_WARNING_PERCENT = 20.0
MEMORY_FAILURE_PERCENT = 50.0
MATCH_RATE_FAILURE_POINTS = -5.0
# Agencies, years and methods with a smaller share of the awards are left to chance.
SMALLEST_SHARE = 0.01


def percent_change(current: float, baseline: float) -> float:
    """Change against the baseline in percent; 0 where the baseline is 0."""
    return 100.0 * (current - baseline) / baseline if baseline else 0.0


def time_taken(result: dict[str, Any], *, in_work: bool) -> float:
    """What a result took: seconds, or how often the fixed work timed beside it would have fit into them."""
    seconds = float(result["performance_metrics"]["total_duration_seconds"])
    return seconds / float(result["calibration_seconds"]) if in_work else seconds


def find_slice_falls(current: dict[str, Any], baseline: dict[str, Any]) -> list[str]:
    """Find agencies, years and methods that lost matched awards.

    An agency or five years fail where their match rate fell by 5 percentage points. A method fails where it lost a
    twentieth of its links and no other method took them over.

    Args:
        current: a result of `benchmark_enrichment.py`.
        baseline: an earlier one on the same awards.

    Returns:
        A sentence for each.
    """
    falls = []
    lost = baseline["enrichment_stats"].get("matched_awards", 0) - current["enrichment_stats"].get("matched_awards", 0)
    for dimension, slices in baseline.get("breakdowns", {}).items():
        found = current.get("breakdowns", {}).get(dimension, {})
        total = sum(counts["awards"] for counts in slices.values())
        for value, then in slices.items():
            now = found.get(value, {"awards": then["awards"], "matched": 0})
            if dimension == "method":
                whole, size = then["matched"], then["matched"] / then["awards"]
                fallen = min(then["matched"] - now["matched"], lost)
                delta = -100.0 * fallen / whole if whole else 0.0
            else:
                size = then["awards"] / total
                rate_then, rate_now = (counts["matched"] / max(counts["awards"], 1) for counts in (then, now))
                delta = 100.0 * (rate_now - rate_then)
            if size >= SMALLEST_SHARE and round(delta, 9) <= MATCH_RATE_FAILURE_POINTS:
                unit = "% of its links" if dimension == "method" else "percentage points"
                falls.append(f"match rate of {dimension} {value} fell by {-delta:.2f} {unit}; 5 fail")
    return falls


def find_regressions(
    current: dict[str, Any], baseline: dict[str, Any] | None, *, compares_costs: bool = True
) -> dict[str, Any]:
    """Judge a benchmark result by its baseline.

    Time fails from +25 % and warns from +10 %, peak memory from +50 % and +20 %, and the match rate
    fails from 5 percentage points down, in all and in any agency, five years or method of some size. Times are judged
    in units of the fixed work that both results timed beside themselves, where they did.

    Args:
        current: a result of `benchmark_enrichment.py`.
        baseline: an earlier one, or None where there is none.
        compares_costs: whether both ran on the same hardware and data, so that time and memory can be compared.

    Returns:
        `warnings` and `failures`, lists of sentences, and `analysis` with the three changes (percent,
        percent, percentage points), null where nothing was compared.
    """
    if baseline is None:
        nothing = dict.fromkeys(("time_delta_percent", "memory_delta_percent", "match_rate_delta_percent"))
        return {"warnings": [], "failures": [], "analysis": nothing}
    warnings: list[str] = []
    failures: list[str] = []
    time_delta = memory_delta = None
    if compares_costs:
        is_calibrated = bool(current.get("calibration_seconds") and baseline.get("calibration_seconds"))
        time_delta = percent_change(*(time_taken(result, in_work=is_calibrated) for result in (current, baseline)))
        memory_delta = percent_change(
            *(result["performance_metrics"]["peak_memory_mb"] for result in (current, baseline))
        )
        for label, delta, warning, failure in (
            ("time", time_delta, TIME_WARNING_PERCENT, TIME_FAILURE_PERCENT),
            ("peak memory", memory_delta, MEMORY_WARNING_PERCENT, MEMORY_FAILURE_PERCENT),
        ):
            if round(delta, 9) >= failure:
                failures.append(f"{label} rose by {delta:.1f} %; {failure:.0f} % fails")
            elif round(delta, 9) >= warning:
                warnings.append(f"{label} rose by {delta:.1f} %; {failure:.0f} % fails")
    rate_delta = 100.0 * (current["enrichment_stats"]["match_rate"] - baseline["enrichment_stats"]["match_rate"])
    if round(rate_delta, 9) <= MATCH_RATE_FAILURE_POINTS:
        failures.append(
            f"match rate fell by {-rate_delta:.2f} percentage points; {-MATCH_RATE_FAILURE_POINTS:.0f} fail"
        )
    failures += find_slice_falls(current, baseline)
    return {
        "warnings": warnings,
        "failures": failures,
        "analysis": {
            "time_delta_percent": None if time_delta is None else round(time_delta, 2),
            "memory_delta_percent": None if memory_delta is None else round(memory_delta, 2),
            "match_rate_delta_percent": round(rate_delta, 4),
        },
    }

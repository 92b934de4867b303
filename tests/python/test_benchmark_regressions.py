"""Where a change becomes a warning and where a failure."""

from typing import Any

import pytest
from benchmark_regressions import find_regressions


def result(seconds: float = 10.0, memory: float = 100.0, rate: float = 0.9) -> dict[str, Any]:
    return {
        "enrichment_stats": {"match_rate": rate},
        "performance_metrics": {"total_duration_seconds": seconds, "peak_memory_mb": memory},
    }


@pytest.mark.parametrize(
    ("current", "warnings", "failures"),
    [
        (result(), 0, 0),
        (result(seconds=10.99), 0, 0),
        (result(seconds=11.0), 1, 0),
        (result(seconds=12.5), 0, 1),
        (result(seconds=5.0), 0, 0),
        (result(memory=119.9), 0, 0),
        (result(memory=120.0), 1, 0),
        (result(memory=150.0), 0, 1),
        (result(rate=0.8501), 0, 0),
        (result(rate=0.85), 0, 1),
        (result(rate=1.0), 0, 0),
        (result(seconds=13, memory=160, rate=0.5), 0, 3),
    ],
)
def test_limits(current: dict[str, Any], warnings: int, failures: int) -> None:
    found = find_regressions(current, result())
    assert (len(found["warnings"]), len(found["failures"])) == (warnings, failures)


def test_changes_are_reported() -> None:
    analysis = find_regressions(result(11, 90, 0.88), result())["analysis"]
    assert analysis == {
        "time_delta_percent": 10.0,
        "memory_delta_percent": -10.0,
        "match_rate_delta_percent": -2.0,
    }


def test_without_a_baseline_nothing_is_judged() -> None:
    found = find_regressions(result(), None)
    assert found["warnings"] == found["failures"] == []
    assert set(found["analysis"].values()) == {None}

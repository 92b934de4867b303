"""Where a change becomes a warning and where a failure."""

from typing import Any

import pytest

from benchmark_enrichment import judge
from benchmarking.environment import find_differences
from benchmarking.regressions import find_regressions


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


@pytest.mark.parametrize(
    ("seconds", "calibration", "time_delta"), [(12.0, 1.2, 0.0), (13.0, 1.0, 30.0), (10.0, 0.5, 100.0)]
)
def test_time_is_judged_by_the_work_that_fits_into_it(seconds: float, calibration: float, time_delta: float) -> None:
    """A slow moment slows the fixed work as well."""
    found = find_regressions(
        result(seconds) | {"calibration_seconds": calibration}, result() | {"calibration_seconds": 1.0}
    )
    assert found["analysis"]["time_delta_percent"] == time_delta


def test_time_is_compared_as_it_is_where_one_result_lacks_the_fixed_work() -> None:
    found = find_regressions(result(20.0) | {"calibration_seconds": 9.0}, result(10.0))
    assert found["analysis"]["time_delta_percent"] == 100.0


def test_costs_from_elsewhere_are_not_compared_but_the_match_rate_is() -> None:
    found = find_regressions(result(99.0, 999.0, 0.5), result(), compares_costs=False)
    assert found["analysis"] == {
        "time_delta_percent": None,
        "memory_delta_percent": None,
        "match_rate_delta_percent": -40.0,
    }
    assert found["failures"] == ["match rate fell by 40.00 percentage points; 5 fail"]


def broken_down(agency_matched: int, name_links: int, key_links: int = 600) -> dict[str, Any]:
    """1,000 awards, 100 of them of the agency in question, five of another one."""
    matched = name_links + key_links
    return {
        "enrichment_stats": {"match_rate": 0.9, "matched_awards": matched},
        "performance_metrics": {"total_duration_seconds": 10.0, "peak_memory_mb": 100.0},
        "breakdowns": {
            "agency": {
                "Small": {"awards": 100, "matched": agency_matched},
                "Tiny": {"awards": 5, "matched": agency_matched % 5},
                "Rest": {"awards": 895, "matched": 800},
            },
            "method": {
                "uei-exact": {"awards": 1000, "matched": key_links},
                "name-fuzzy-auto": {"awards": 1000, "matched": name_links},
            },
        },
    }


@pytest.mark.parametrize(
    ("now", "failures"),
    [
        (broken_down(84, 40), []),
        (broken_down(80, 40), ["match rate of agency Small fell by 5.00 percentage points; 5 fail"]),
        (broken_down(85, 0), ["match rate of method name-fuzzy-auto fell by 100.00 % of its links; 5 fail"]),
        (broken_down(85, 39), []),
        # What another method took over is not lost.
        (broken_down(85, 20, 620), []),
    ],
)
def test_every_slice_of_some_size_is_judged(now: dict[str, Any], failures: list[str]) -> None:
    assert find_regressions(now, broken_down(85, 40))["failures"] == failures


def test_other_hardware_or_data_is_named() -> None:
    here = {"cpu": "A", "cores": 2, "memory_gb": 24, "system": "Linux", "data_sha256": "x", "git_commit": "1"}
    assert find_differences(here, here | {"git_commit": "2"}) == []
    assert find_differences(here, {}) == []
    there = here | {"cpu": "B", "memory_gb": 8, "data_sha256": "y"}
    assert find_differences(here, there) == ["cpu B then, A now", "memory 8 then, 24 now", "other input data"]


def test_costs_of_a_run_that_stopped_early_are_not_compared() -> None:
    here = {"cpu": "A", "data_sha256": "x"}
    stages = [{"name": "load", "exit_code": 0}, {"name": "build", "exit_code": 1}]
    stopped = result(seconds=5.0) | {"environment": here, "stages": stages}
    now = result(seconds=10.0) | {"environment": here, "stages": [{"name": "build", "exit_code": 0}]}
    judge(now, stopped, "main")
    assert now["comparison"] == {"with": "main", "not_compared": ["the stage build failed then"]}
    assert now["regressions"]["failures"] == now["regressions"]["warnings"] == []
    judge(stopped, None, "main")
    assert stopped["regressions"]["failures"] == ["the stage build failed; the gates or a model do not hold"]

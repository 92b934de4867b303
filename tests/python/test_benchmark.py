"""The benchmark end to end: real runs, and planted regressions that it must catch."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from conftest import PROJECT

# Where the copy of the project is slowed down or broken: the scoring UDF, and the decision on every award.
UDF = Path("python_udfs/similarity.py")
LINKS = Path("models/intermediate/links/int_award_links.sql")


def benchmark(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "scripts/benchmark_enrichment.py", *arguments],
        cwd=folder,
        env={**os.environ, "COLUMNS": "200"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


def result_of(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


@pytest.fixture(scope="module")
def project_copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project with a baseline, to be slowed down and broken."""
    folder = tmp_path_factory.mktemp("project") / "copy"
    kept_out = shutil.ignore_patterns(".git", ".venv", "target", "logs", "warehouse", "reports", ".*_cache")
    shutil.copytree(PROJECT, folder, ignore=kept_out)
    done = benchmark(folder, "--save-as-baseline", "--output", "first.json")
    assert done.returncode == 0, done.stdout
    return folder


def plant(folder: Path, path: Path, old: str, new: str) -> None:
    text = (folder / path).read_text(encoding="utf-8")
    assert old in text
    (folder / path).write_text(text.replace(old, new), encoding="utf-8")


def test_result_has_the_promised_layout(project_copy: Path) -> None:
    result = result_of(project_copy / "first.json")
    assert result == result_of(project_copy / "reports/benchmarks/baseline.json")
    stats = result["enrichment_stats"]
    assert set(stats) == {
        "total_awards",
        "matched_awards",
        "exact_matches",
        "fuzzy_matches",
        "match_rate",
        "unmatched_awards",
    }
    assert stats["total_awards"] == 1500
    assert stats["matched_awards"] == stats["exact_matches"] + stats["fuzzy_matches"]
    assert stats["unmatched_awards"] == stats["total_awards"] - stats["matched_awards"]
    assert stats["match_rate"] == pytest.approx(stats["matched_awards"] / stats["total_awards"])
    metrics = result["performance_metrics"]
    assert set(metrics) == {
        "total_duration_seconds",
        "records_per_second",
        "peak_memory_mb",
        "avg_memory_delta_mb",
    }
    assert metrics["total_duration_seconds"] > 1
    assert metrics["peak_memory_mb"] > metrics["avg_memory_delta_mb"] > 0
    assert set(result["regressions"]) == {"warnings", "failures", "analysis"}
    assert [stage["name"] for stage in result["stages"]] == ["load", "build", "publish"]
    assert {"timestamp", "benchmark_version"} < set(result)


def test_planted_slow_down_and_drop_in_matches_are_caught(project_copy: Path, tmp_path: Path) -> None:
    folder = tmp_path / "broken"
    shutil.copytree(project_copy, folder)
    seconds = result_of(project_copy / "first.json")["performance_metrics"]["total_duration_seconds"]
    plant(
        folder,
        UDF,
        "    if len(left) != len(right):",
        f'    __import__("time").sleep({seconds} / 4)\n    if len(left) != len(right):',
    )
    plant(folder, LINKS, "when name_recipient_hash is not null then 'name'", "when false then 'name'")
    plant(folder, LINKS, "subject_links.match_status as", "'unmatched' as")
    done = benchmark(folder, "--output", "broken.json")
    assert done.returncode == 1, done.stdout
    regressions = result_of(folder / "broken.json")["regressions"]
    assert regressions["analysis"]["time_delta_percent"] > 25
    assert regressions["analysis"]["match_rate_delta_percent"] <= -5
    assert "failure: time rose by" in done.stdout
    assert "failure: match rate fell by" in done.stdout


def test_generated_sample_without_a_baseline(project_copy: Path, tmp_path: Path) -> None:
    done = benchmark(
        project_copy,
        "--sample-size",
        "300",
        "--baseline",
        str(tmp_path / "none.json"),
        "--output",
        str(tmp_path / "r.json"),
    )
    assert done.returncode == 0, done.stdout
    assert "No baseline at" in done.stdout
    result = result_of(tmp_path / "r.json")
    assert result["enrichment_stats"]["total_awards"] == 300
    assert result["regressions"]["analysis"]["time_delta_percent"] is None


@pytest.mark.parametrize(
    ("baseline", "words"),
    [
        ("{}", "is no benchmark result"),
        ("no json", "is no benchmark result"),
        ('{"enrichment_stats": 1, "performance_metrics": 2}', "is no benchmark result"),
        (
            '{"enrichment_stats": {"total_awards": 7, "match_rate": 1}, '
            '"performance_metrics": {"total_duration_seconds": 1, "peak_memory_mb": 1}}',
            "was measured on 7 awards, this run on 1,500",
        ),
    ],
)
def test_baseline_that_cannot_be_compared(project_copy: Path, tmp_path: Path, baseline: str, words: str) -> None:
    path = tmp_path / "baseline.json"
    path.write_text(baseline, encoding="utf-8")
    done = benchmark(project_copy, "--baseline", str(path), "--output", str(tmp_path / "r.json"))
    assert done.returncode == 2
    assert words in done.stdout
    assert "Traceback" not in done.stdout


def test_build_that_cannot_run_is_exit_code_2(project_copy: Path, tmp_path: Path) -> None:
    folder = tmp_path / "broken"
    shutil.copytree(project_copy, folder)
    (folder / "dbt_project.yml").write_text("name: [", encoding="utf-8")
    done = benchmark(folder, "--output", "r.json")
    assert done.returncode == 2
    assert "The stage build could not run" in done.stdout

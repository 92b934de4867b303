"""The benchmark end to end: real runs, and planted regressions that it must catch."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import benchmark_enrichment
from conftest import PROJECT

HOG_BYTES = 400_000_000
# The fixed work beside each stage: as it is, and so little that a test need not wait for it.
CALIBRATION = Path("scripts/benchmarking/calibration.py")
ENOUGH, LITTLE = "WORDS = 1_500_000", "WORDS = 1_500"
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


def plant(folder: Path, path: Path, old: str, new: str) -> None:
    text = (folder / path).read_text(encoding="utf-8")
    assert old in text
    (folder / path).write_text(text.replace(old, new), encoding="utf-8")


@pytest.fixture(scope="module")
def project_copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project with a baseline, to be slowed down and broken."""
    folder = tmp_path_factory.mktemp("project") / "copy"
    kept_out = shutil.ignore_patterns(".git", ".venv", "target", "logs", "warehouse", "reports", ".*_cache")
    shutil.copytree(PROJECT, folder, ignore=kept_out)
    plant(folder, CALIBRATION, ENOUGH, LITTLE)
    for arguments in (("init", "--quiet"), ("add", "."), ("commit", "--quiet", "--message", "as it is")):
        name = ("-c", "user.name=Tester", "-c", "user.email=tester@example.com")
        subprocess.run(["git", *name, *arguments], cwd=folder, check=True)
    done = benchmark(folder, "--save-as-baseline", "--output", "first.json")
    assert done.returncode == 0, done.stdout
    return folder


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
    assert result["performance_metrics"]["total_duration_seconds"] > result["fuzzy_stage_seconds"] > 0
    assert len(result["model_seconds"]) > 60
    assert result["calibration_seconds"] > 0
    assert [run["seconds"] for run in result["runs"]] == [metrics["total_duration_seconds"]]
    assert result["quality"]["links"] == stats["matched_awards"]
    assert result["quality"]["precision"] > 0.99
    assert sum(agency["awards"] for agency in result["breakdowns"]["agency"].values()) == 1500
    assert len(result["environment"]["git_commit"]) == 40
    assert result["environment"]["cores"] >= 1
    assert result["inputs"] == {"awards": 1500, "recipients": 1200}


@pytest.mark.long
def test_planted_slow_down_hog_and_drop_in_matches_are_caught_against_the_last_commit(
    project_copy: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "broken"
    shutil.copytree(project_copy, folder)
    # Times are judged by it here.
    plant(folder, CALIBRATION, LITTLE, ENOUGH)
    seconds = result_of(project_copy / "first.json")["performance_metrics"]["total_duration_seconds"]
    plant(
        folder,
        UDF,
        "    if len(left) != len(right):",
        f'    __import__("time").sleep({seconds} / 2)\n    if len(left) != len(right):',
    )
    plant(folder, UDF, '"""How many edits', f'HOG = b"1" * {HOG_BYTES}\n"""How many edits')
    plant(folder, LINKS, "when name_recipient_hash is not null then 'name'", "when false then 'name'")
    plant(folder, LINKS, "subject_links.match_status as", "'unmatched' as")
    done = benchmark(folder, "--against", "HEAD", "--output", "broken.json", "--summary", "broken.md")
    assert done.returncode == 1, done.stdout
    regressions = result_of(folder / "broken.json")["regressions"]
    assert regressions["analysis"]["time_delta_percent"] > 25
    assert regressions["analysis"]["match_rate_delta_percent"] <= -5
    assert regressions["analysis"]["memory_delta_percent"] > 50
    assert "failure: time rose by" in done.stdout
    assert "failure: peak memory rose by" in done.stdout
    assert "failure: match rate fell by" in done.stdout
    assert "match rate of method name-exact fell by 100.00 % of its links" in done.stdout
    summary = (folder / "broken.md").read_text(encoding="utf-8")
    assert summary.startswith("## Benchmark: slower or worse\n\n- **failure**: time rose by")
    assert "Against HEAD: time +" in summary
    worktrees = subprocess.run(["git", "worktree", "list"], cwd=folder, stdout=subprocess.PIPE, text=True, check=True)
    assert worktrees.stdout.count("\n") == 1


def test_revision_that_git_does_not_know_is_exit_code_2(project_copy: Path) -> None:
    done = benchmark(project_copy, "--against", "no-such-revision")
    assert done.returncode == 2
    assert "Error: git worktree: fatal: invalid reference: no-such-revision" in done.stdout


def test_options_that_exclude_each_other(project_copy: Path) -> None:
    for arguments in (("--recipients", "10"), ("--against", "HEAD", "--save-as-baseline")):
        done = benchmark(project_copy, *arguments)
        assert done.returncode == 2
        assert "Usage:" in done.stdout


def test_history_shows_how_results_developed(project_copy: Path, tmp_path: Path) -> None:
    shutil.copytree(PROJECT / "scripts", tmp_path / "scripts")
    nothing = benchmark(tmp_path, "--history")
    assert nothing.returncode == 2
    assert "There are no results in" in nothing.stdout
    reports = tmp_path / "reports" / "benchmarks"
    reports.mkdir(parents=True)
    result = result_of(project_copy / "first.json")
    for day, seconds in ((1, 10.0), (2, 12.0), (3, 22.0)):
        result["timestamp"] = f"2024-05-0{day}T12:00:00+00:00"
        result["performance_metrics"]["total_duration_seconds"] = seconds
        (reports / f"benchmark_{day}.json").write_text(json.dumps(result), encoding="utf-8")
    for name, content in (("list", "[]"), ("date", '{"timestamp": "2024-05-04"}'), ("half", '{"timest')):
        (reports / f"benchmark_{name}.json").write_text(content, encoding="utf-8")
    done = benchmark(tmp_path, "--history")
    assert done.returncode == 0, done.stdout
    for name in ("list", "date", "half"):
        assert f"Left out, since it is no result: reports/benchmarks/benchmark_{name}.json" in done.stdout
    assert "1,500 awards by 1,200 recipients, 3 runs" in done.stdout
    (seconds_row,) = [line for line in done.stdout.splitlines() if "│ seconds" in line]
    assert [cell.strip() for cell in seconds_row.strip("│").split("│")] == [
        "seconds",
        "10.0",
        "12.0",
        "22.0",
        "22.0",
        "up 100 %",
    ]


@pytest.mark.long
def test_generated_sample_becomes_the_baseline_that_is_named(project_copy: Path, tmp_path: Path) -> None:
    path = tmp_path / "baselines" / "generated.json"
    arguments = ("--sample-size", "300", "--baseline", str(path), "--output", str(tmp_path / "r.json"))
    done = benchmark(project_copy, *arguments, "--save-as-baseline")
    assert done.returncode == 0, done.stdout
    result = result_of(tmp_path / "r.json")
    assert result == result_of(path)
    assert result["enrichment_stats"]["total_awards"] == 300
    assert result["regressions"]["analysis"]["time_delta_percent"] is None


def test_failed_run_is_no_baseline(project_copy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    failed = result_of(project_copy / "first.json")
    failed["stages"][1]["exit_code"] = 1
    monkeypatch.setattr(benchmark_enrichment, "run_all", lambda *_: {"this revision": []})
    monkeypatch.setattr(benchmark_enrichment, "summarise", lambda *_: failed)
    path = tmp_path / "baseline.json"
    arguments = ("--save-as-baseline", "--baseline", str(path), "--output", str(tmp_path / "r.json"))
    done = CliRunner().invoke(benchmark_enrichment.main, arguments)
    assert done.exit_code == 1, done.output
    assert f"{path} is left as it was: a failed run is no baseline" in done.output
    assert not path.exists()
    assert result_of(tmp_path / "r.json")["regressions"]["failures"] == [
        "the stage build failed; the gates or a model do not hold"
    ]


@pytest.mark.long
def test_failed_gate_is_a_failure(project_copy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SBIR_MIN_MATCH_RATE", "0.99")
    done = benchmark(project_copy, "--output", str(tmp_path / "r.json"))
    assert done.returncode == 1, done.stdout
    assert "failure: the stage build failed; the gates or a model do not hold" in done.stdout


def test_baseline_that_is_named_must_be_there(project_copy: Path, tmp_path: Path) -> None:
    done = benchmark(project_copy, "--baseline", str(tmp_path / "none.json"), "--output", str(tmp_path / "r.json"))
    assert done.returncode == 2
    assert "none.json is not there to compare with. Write one with: --save-as-baseline" in done.stdout
    assert "run 1 of" not in done.stdout
    assert not (tmp_path / "r.json").exists()


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

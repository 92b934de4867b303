"""The ladder of sizes: one small rung end to end, and what is said of several."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

import benchmark_ladder
from benchmark_ladder import Rung, growth_exponent, main, render_markdown

SMALL = Rung(
    awards=1_000,
    recipients=80_000,
    load_seconds=1.0,
    build_seconds=8.0,
    publish_seconds=1.0,
    fuzzy_seconds=2.0,
    name_seconds=6.0,
    floor_seconds=2.0,
    pairs=5_000,
    unblocked_seconds=None,
    peak_memory_mb=400.0,
    match_rate=0.9,
    precision=0.995,
    recall=None,
)
ENVIRONMENT = {"cpu": "a processor", "cores": 2, "memory_gb": 24, "duckdb": "2.0.0", "git_commit": None}


def test_ten_times_the_recipients_in_a_hundred_times_the_seconds_grow_with_the_square() -> None:
    large = replace(SMALL, recipients=800_000, load_seconds=100.0, build_seconds=800.0, publish_seconds=100.0)
    assert growth_exponent([SMALL, large]) == pytest.approx(2)


def test_the_table_has_a_row_for_each_rung_and_says_how_cost_grows() -> None:
    large = replace(SMALL, awards=2_000, recipients=800_000, unblocked_seconds=25.0)
    lines = render_markdown([SMALL, large], ENVIRONMENT).splitlines()
    assert lines[2] == "| 1,000 | 80,000 | 1.0 | 8.0 | 2.0 | 1.0 | 100 | 400 | 3.0 | 99.50% | unknown |"
    assert lines[3].startswith("| 2,000 | 800,000 |")
    assert "to the power of 0.00" in lines[5]
    assert "took 2.0 s; `token_sort_ratio` of 784 names against all 800,000 took 25.0 s" in lines[6]


@pytest.mark.long
def test_a_rung_is_generated_built_and_measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(benchmark_ladder, "LADDER", ((400, 600),))
    done = CliRunner().invoke(main, ["--output", str(tmp_path)], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    (rung,) = json.loads((tmp_path / "ladder.json").read_text(encoding="utf-8"))["rungs"]
    assert (rung["awards"], rung["recipients"]) == (400, 600)
    assert rung["match_rate"] > 0.7
    assert rung["precision"] > 0.95
    assert rung["pairs"] > 0
    assert 0 < rung["fuzzy_seconds"] < rung["build_seconds"]
    assert rung["unblocked_seconds"] > 0
    assert (tmp_path / "ladder.md").read_text(encoding="utf-8") in done.output
    assert (tmp_path / "ladder.svg").read_text(encoding="utf-8").startswith("<svg")

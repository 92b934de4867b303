"""What stays of a run: its file, the tables that are made of the files, and what is not there to hinder a build."""

import gzip
import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from conftest import Warehouse
from database.warehouse import connect
from recording import run_history
from recording.memory import MemoryWatch
from recording.recorder import begin_run, end_run, guarded
from recording.run_history import (
    Run,
    earlier_loads,
    end_interrupted_runs,
    read_run,
    remove_old_runs,
    run_files,
    update_tables,
)

LATEST = "select {} from observability.runs order by started_at desc limit 1"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty warehouse of the functions under test."""
    monkeypatch.setenv("SBIR_WAREHOUSE_DIR", str(tmp_path))
    return tmp_path


def written_run(run_id: str, started_at: str, **columns: object) -> Run:
    run: Run = {
        "runs": [{"run_id": run_id, "command": "load", "started_at": started_at, "status": "success", **columns}]
    }
    run_history.write_run(run)
    return run


def rows(sql: str) -> list[tuple[Any, ...]]:
    with connect() as connection:
        return connection.execute(sql).fetchall()


def updated(changed: str = "") -> None:
    with connect() as connection:
        update_tables(connection, changed)


def test_a_make_build_is_one_run_with_its_stages(built_sample: Warehouse) -> None:
    (run,) = built_sample.query(
        """select command, target, status, published_version, awards = 1500, matched_awards = 1290,
        load_seconds > 0, dbt_seconds > load_seconds, publish_seconds > 0,
        performance_duration_seconds > load_seconds + dbt_seconds + publish_seconds,
        abs(performance_records_per_second - awards / dbt_seconds) < 0.001,
        performance_peak_memory_mb between 100 and 2000, performance_avg_memory_delta_mb is not null,
        sources, length(input_hashes) > 3 * 64
        from observability.runs"""
    )
    assert run == (
        *("make build", "dev", "success", 1, True, True, True, True, True, True, True, True, True),
        "award_data.csv, prime_award_summaries.csv, recipient_lookup.csv",
        True,
    )


def test_the_nodes_of_a_run_have_their_costs_and_rows(built_sample: Warehouse) -> None:
    assert built_sample.query(
        """select name, schema_name, status, row_count, message, performance_duration_seconds > 0, peak_memory_mb > 50
        from observability.nodes where name in ('enriched_sbir_awards', 'enrichment_match_rate_check') order by name"""
    ) == [
        ("enriched_sbir_awards", "enrichment", "success", 1500, None, True, True),
        ("enrichment_match_rate_check", None, "pass", None, None, True, True),
    ]
    (counts,) = built_sample.query(
        """select count(*) filter (where resource_type = 'model') = (select models_built from observability.runs),
        count(*) = count(distinct node), count(memory_delta_mb) = count(*) from observability.nodes"""
    )
    assert counts == (True, True, True)


def test_gates_and_breakdown_of_a_run_are_those_of_the_tables(built_sample: Warehouse) -> None:
    for table, model in (("gates", "gate_results"), ("match_breakdowns", "rpt_match_breakdown")):
        for one, other in (
            (f"observability.{table}", f"quality.{model}"),
            (f"quality.{model}", f"observability.{table}"),
        ):
            columns = [name for name, *_ in built_sample.query(f"describe quality.{model}")]
            # A query on the tables as they are tells nothing of those of an earlier run.
            columns = [name for name in columns if name != "culprits"]
            select = f"select {', '.join(map(str, columns))} from"
            assert built_sample.query(f"{select} {one} except {select} {other}") == []


def test_the_published_file_holds_the_run_that_made_it(built_sample: Warehouse) -> None:
    assert built_sample.query(
        "select command, status, published_version, load_seconds > 0, ended_at is not null from observability.runs",
        published=True,
    ) == [("make build", "success", 1, True, True)]
    assert built_sample.query("select count(*) > 150 from observability.nodes", published=True) == [(True,)]


def test_the_tables_are_as_the_project_describes_them(built_sample: Warehouse) -> None:
    for name, table in run_history.history_tables().items():
        described = [(column["name"], column["data_type"], column["description"]) for column in table["columns"]]
        assert (
            built_sample.query(
                f"""select column_name, lower(data_type), comment from duckdb_columns()
                where schema_name = 'observability' and table_name = '{name}' order by column_index""",
                published=True,
            )
            == described
        )


def test_history_outlives_the_working_file(built_sample: Warehouse, warehouse: Warehouse) -> None:
    shutil.copytree(built_sample.folder / "history", warehouse.folder / "history")
    assert warehouse.load("--sample").exit_code == 0
    assert warehouse.query("select command, status from observability.runs order by started_at") == [
        ("make build", "success"),
        ("load", "success"),
    ]
    assert warehouse.query("select count(*) > 150 from observability.nodes") == [(True,)]
    assert warehouse.query(
        "select input, count(*), count(*) filter (where is_current) from raw.load_history group by input order by input"
    ) == [("awards", 2, 1), ("prime_awards", 2, 1), ("recipients", 2, 1)]


def test_a_failed_gate_is_recorded_and_alerted_once(sample_copy: Warehouse) -> None:
    done = sample_copy.run("scripts/build.py", SBIR_MIN_MATCH_RATE="0.99")
    assert done.exit_code == 1
    assert sample_copy.query(LATEST.format("command, status, awards")) == [("make build", "failed", 1500)]
    assert sample_copy.query(
        "select verdict, threshold from observability.gates where gate = 'match_rate' order by threshold desc limit 1"
    ) == [("failed", 0.99)]
    assert done.output.count("Alert (") == 1
    assert (
        "Alert (critical): match rate below the gate. Match rate above the limit of its gate: -13.00 points "
        "(all awards), expected at least 0.00 points." in done.output
    )


def test_a_load_that_fails_is_recorded(warehouse: Warehouse, tmp_path: Path) -> None:
    assert warehouse.load("--sample").exit_code == 0
    bad = tmp_path / "award_data.csv"
    bad.write_text("nothing,of,this\n1,2,3\n")
    assert warehouse.load("--awards", str(bad)).exit_code == 2
    assert warehouse.query(LATEST.format("command, status")) == [("load", "error")]


def test_a_command_before_the_first_build_is_recorded(warehouse: Warehouse) -> None:
    assert warehouse.load("--sample").exit_code == 0
    done = warehouse.dbt("seed", "-s", "states")
    assert done.exit_code == 0
    assert "missing from the history" not in done.output
    assert warehouse.query(LATEST.format("command, status")) == [("dbt seed", "success")]


def test_a_wrong_setting_is_told_once(warehouse: Warehouse) -> None:
    done = warehouse.load("--sample", SBIR_MEMORY_LIMIT="much")
    assert done.exit_code == 2
    (line,) = done.output.splitlines()
    assert line.startswith("Error: SBIR_MEMORY_LIMIT='much' is not a size")


@pytest.mark.parametrize("blocked", ["history folder", "tables"])
def test_what_cannot_be_recorded_fails_no_command(warehouse: Warehouse, blocked: str) -> None:
    assert warehouse.load("--sample").exit_code == 0
    if blocked == "history folder":
        shutil.rmtree(warehouse.folder / "history")
        (warehouse.folder / "history").write_text("in the way")
    else:
        warehouse.execute("drop table observability.runs; create view observability.runs as select 1 as x")
    done = warehouse.dbt("seed", "-s", "states")
    assert done.exit_code == 0, done.output
    assert "Warning: this run is missing from the history" in done.output
    assert "Traceback" not in done.output


def test_a_run_that_was_killed_is_interrupted(folder: Path) -> None:
    run = begin_run("make build")
    updated(run["runs"][0]["run_id"])
    assert rows("select status from observability.runs") == [("running",)]
    end_interrupted_runs()
    updated()
    assert rows("select status from observability.runs") == [("interrupted",)]


def test_a_running_run_whose_file_is_gone_is_interrupted(folder: Path) -> None:
    run = begin_run("make build")
    updated(run["runs"][0]["run_id"])
    shutil.rmtree(folder / "history")
    updated()
    assert rows("select status from observability.runs") == [("interrupted",)]


def test_only_the_newest_runs_are_kept(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SBIR_KEEP_RUNS", "2")
    for day in (1, 2, 3):
        written_run(f"run{day}", f"2026-01-0{day} 10:00:00")
        updated(f"run{day}")
    remove_old_runs()
    assert list(run_files()) == ["run2", "run3"]
    assert rows("select run_id from observability.runs order by 1") == [("run2",), ("run3",)]


def test_runs_of_a_wrong_clock_push_out_no_real_ones(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SBIR_KEEP_RUNS", "2")
    for run_id, started_at in {
        "future": "2199-01-01",
        "old": "2026-01-01",
        "run2": "2026-01-02",
        "run3": "2026-01-03",
    }.items():
        written_run(run_id, f"{started_at} 10:00:00")
        updated(run_id)
    remove_old_runs()
    assert list(run_files()) == ["future", "run2", "run3"]
    assert rows("select run_id from observability.runs order by 1") == [("future",), ("run2",), ("run3",)]


def test_runs_stay_in_the_tables_where_their_files_are_gone(folder: Path) -> None:
    written_run("kept", "2026-01-01 10:00:00")
    updated("kept")
    shutil.rmtree(folder / "history")
    written_run("next", "2026-01-02 10:00:00")
    updated("next")
    assert rows("select run_id from observability.runs order by 1") == [("kept",), ("next",)]


@pytest.mark.parametrize("contents", ["empty", "no gzip", "{", "[]", "{}"])
def test_a_damaged_file_is_no_run_and_hinders_none(folder: Path, contents: str) -> None:
    written_run("good", "2026-01-02 10:00:00")
    damaged = folder / "history" / "20260101000000-bad.json.gz"
    plain = {"empty": b"", "no gzip": b"no gzip"}
    damaged.write_bytes(plain[contents] if contents in plain else gzip.compress(contents.encode()))
    assert read_run(damaged) is None
    updated("good")
    assert rows("select run_id from observability.runs") == [("good",)]


def test_tables_of_another_version_are_made_anew_from_the_files(folder: Path) -> None:
    run = written_run("old", "2026-01-02 10:00:00", awards=7)
    run["gates"] = [{"run_id": "old", "gate": "grain"}]
    run_history.write_run(run)
    updated("old")
    with connect() as connection:
        connection.execute("alter table observability.gates drop column message")
    updated()
    assert rows("select awards, gate, message from observability.runs join observability.gates using (run_id)") == [
        (7, "grain", None)
    ]


def test_hostile_names_and_exact_cents_come_through(folder: Path) -> None:
    run = written_run("a", "2026-01-02 10:00:00", command="'; drop table x; --")
    run["match_breakdowns"] = [
        {
            "run_id": "a",
            "dimension": "state",
            "dimension_value": "\"{{ 1 }}'",
            "award_amount": "12345678901234567890.12",
        }
    ]
    run_history.write_run(run)
    updated("a")
    assert rows(
        "select command, dimension_value, cast(award_amount as varchar) "
        "from observability.runs join observability.match_breakdowns using (run_id)"
    ) == [("'; drop table x; --", "\"{{ 1 }}'", "12345678901234567890.12")]


def test_a_run_is_one_file_whatever_becomes_of_it(folder: Path) -> None:
    run = begin_run("load")
    end_run(run, "success")
    (file,) = (folder / "history").iterdir()
    assert json.loads(gzip.decompress(file.read_bytes()))["runs"][0]["status"] == "success"
    assert not file.name.endswith(".running.json.gz")


def test_a_clock_that_went_back_is_no_error(folder: Path) -> None:
    run = begin_run("load")
    run["runs"][0]["started_at"] = run_history.timestamp(datetime.now(UTC) + timedelta(hours=1))
    end_run(run, "success")
    (file,) = run_files().values()
    assert (read_run(file) or run)["runs"][0]["performance_duration_seconds"] < 0


def test_loads_of_all_runs_are_known_once(folder: Path) -> None:
    load = {
        "load_id": "x",
        "file_name": "a.csv",
        "loaded_at": "2026-01-01 00:00:00",
        "rows_loaded": 3,
        "is_current": True,
    }
    for run_id in ("one", "two"):
        run_history.write_run({**written_run(run_id, "2026-01-02 10:00:00"), "loads": [load]})
    assert earlier_loads(["load_id", "rows_loaded", "is_current", "seconds"]) == [
        {"load_id": "x", "rows_loaded": 3, "is_current": False, "seconds": None}
    ]


def test_guarded_tells_what_went_wrong_in_one_line(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def fail() -> None:
        raise duckdb.IOException("broken\nand more")

    guarded(fail)
    assert capsys.readouterr().err.splitlines() == [
        f"Warning: this run is missing from the history ({folder / 'history'}): broken"
    ]


def test_memory_between_two_moments(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("threading.Thread.start", lambda self: None)
    watch = MemoryWatch()
    watch._times[:], watch._held[:] = [10.0, 11.0, 12.0, 13.0], [100.0, 300.0, 200.0, 50.0]
    assert watch.between(10.5, 11.5) == (300.0, 100.0)
    assert watch.between(11.0, 11.0) == (300.0, 0.0)
    assert watch.between(12.5, 99.0) == (200.0, -150.0)
    watch._times.clear()
    assert watch.between(1.0, 2.0) is None

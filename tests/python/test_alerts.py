"""A planted fault of each kind raises its alert, once; what is well raises none; alerts reach whoever is to know."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from conftest import Warehouse
from recording import alert_delivery, run_history
from recording.alerts import Rule, raise_alerts, read_rules
from recording.recorder import current_loads
from recording.run_history import Run, read_run, run_files

RUN = "20"
EARLIER = ("11", "12", "13")
# A national run that is well: names of the columns and tables as the history has them.
RUNS = """
    insert into observability.runs by name
    select
        run_id, 'make build' as command, 'success' as status, 'awards.csv, recipients.csv' as sources,
        timestamp '2026-01-01' + to_days(cast(run_id as integer)) as started_at,
        219500 as awards, 180000 as matched_awards, 180000 / 219500 as match_rate, 80 as models_built,
        60 as dbt_seconds,
        1950 as performance_peak_memory_mb, 1907.3 as memory_limit_mb,
        case when run_id <> '20' then cast(run_id as integer) end as published_version
    from unnest(['11', '12', '13', '20']) as known (run_id)
"""
GATES = """
    insert into observability.gates by name
    from (values
        ('20', 'match_rate', 'passed', 0.82, 0.7, 180000, 219500),
        ('20', 'completeness', 'passed', 0.18, 0.95, 180000, 180000),
        ('20', 'precision', 'passed', 0.985, 0.95, 1500, 1505),
        ('20', 'grain', 'passed', 219500, 219500, 219500, 219500),
        ('20', 'continuity', 'passed', 0.001, 0.05, null, null)
    ) as gates (run_id, gate, verdict, value, threshold, counted, counted_of)
"""
BREAKDOWNS = """
    insert into observability.match_breakdowns by name
    select run_id, dimension, dimension_value, awards, match_rate
    from unnest(['13', '20']) as known (run_id)
    cross join (values
        ('total', 'all awards', 219500, 0.82), ('agency', 'NASA', 20000, 0.8), ('agency', 'tiny', 90, 0.1),
        ('state', 'CA', 60000, 0.85), ('match_method', 'uei-exact', 90000, 1.0)
    ) as slices (dimension, dimension_value, awards, match_rate)
"""
LOADS = """
    create table raw.load_history as
    select
        *, input || '.csv' as file_name, false as is_sample, true as is_current,
        localtimestamp - interval 3 day as loaded_at
    from (values ('awards', 219500, 3), ('recipients', 3300000, 100)) as loads (input, records_read, rows_quarantined)
"""


@pytest.fixture
def history() -> Iterator[duckdb.DuckDBPyConnection]:
    """A history with a national run that is well, after three like it."""
    with duckdb.connect() as connection:
        connection.execute("create schema observability; create schema raw")
        for name, table in run_history.history_tables().items():
            columns = ", ".join(f"{column['name']} {column['data_type']}" for column in table["columns"])
            connection.execute(f"create table observability.{name} ({columns})")
        for statement in (RUNS, GATES, BREAKDOWNS, LOADS):
            connection.execute(statement)
        yield connection


VALUES = [
    {"input": "awards", "column": "duns", "given": 146921, "usable": 146890},
    {"input": "awards", "column": "state", "given": 90, "usable": 45},
    {"input": "prime_awards", "column": "recipient_uei", "given": 0, "usable": 0},
]


INPUTS = [{"input": "awards", "records": 219500, "repeated_records": 2195}]


def raised(
    connection: duckdb.DuckDBPyConnection,
    values: list[dict[str, Any]] = VALUES,
    inputs: list[dict[str, Any]] = INPUTS,
) -> list[dict[str, Any]]:
    run: Run = {"runs": [{"run_id": RUN}], "loads": current_loads(connection), "values": values, "inputs": inputs}
    return raise_alerts(connection, run)


def test_a_clean_national_run_raises_none(history: duckdb.DuckDBPyConnection) -> None:
    assert raised(history) == []


def test_a_clean_run_of_the_sample_raises_none(built_sample: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    assert built_sample.query("from observability.alerts") == []
    monkeypatch.setenv("SBIR_WAREHOUSE_DIR", str(built_sample.folder))
    (file,) = run_files().values()
    assert (read_run(file) or {}).get("alerts") == []


FAULTS = {
    "match rate": (
        "update observability.gates set value = 0.695 where gate = 'match_rate'",
        ("match rate below the gate", "critical", "all awards", -0.5),
    ),
    "match rate, somewhat": (
        "update observability.gates set value = 0.749 where gate = 'match_rate'",
        ("low match rate", "warning", "all awards", 4.9),
    ),
    "precision": (
        "update observability.gates set value = 0.93 where gate = 'precision'",
        ("precision below the gate", "critical", "all awards", -2),
    ),
    "precision, somewhat": (
        "update observability.gates set value = 0.955 where gate = 'precision'",
        ("low precision", "warning", "all awards", 0.5),
    ),
    "completeness": (
        "update observability.gates set counted = 171000 where gate = 'completeness'",
        ("incomplete links", "critical", "matched awards", 0.95),
    ),
    "seconds per record": (
        "update observability.runs set dbt_seconds = 0.003 * awards where run_id = '20'",
        ("slow", "warning", "dbt", 0.003),
    ),
    "seconds per record, far": (
        "update observability.runs set dbt_seconds = 0.02 * awards where run_id = '20'",
        ("very slow", "critical", "dbt", 0.02),
    ),
    "memory growth": (
        "update observability.runs set performance_peak_memory_mb = 1000 where run_id <> '20'",
        ("memory grows", "warning", "peak memory", 1.95),
    ),
    "peak memory": (
        """update observability.runs set performance_peak_memory_mb = 1.2 * memory_limit_mb""",
        ("memory above the limit", "warning", "peak memory", 1.2),
    ),
    "peak memory, far": (
        "update observability.runs set performance_peak_memory_mb = 1.5 * memory_limit_mb",
        ("memory far above the limit", "critical", "peak memory", 1.5),
    ),
    "quarantine": (
        "update raw.load_history set rows_quarantined = 66000 where input = 'recipients'",
        ("records in quarantine", "warning", "recipients", 0.02),
    ),
    "quarantine, far": (
        "update raw.load_history set rows_quarantined = 21950 where input = 'awards'",
        ("many records in quarantine", "critical", "awards", 0.1),
    ),
    "stale input": (
        "update raw.load_history set loaded_at = localtimestamp - interval 50 day where input = 'awards'",
        ("stale input", "warning", "awards", 50),
    ),
    "stale input, far": (
        "update raw.load_history set loaded_at = localtimestamp - interval 200 day",
        ("very stale input", "critical", "awards", 200),
    ),
    "a slice's match rate fell": (
        """update observability.match_breakdowns set match_rate = 0.7
        where run_id = '20' and dimension_value = 'NASA'""",
        ("match rate moved", "warning", "agency: NASA", 0.1),
    ),
    "a slice's match rate rose": (
        "update observability.match_breakdowns set match_rate = 0.95 where run_id = '20' and dimension_value = 'CA'",
        ("match rate moved", "warning", "state: CA", 0.1),
    ),
    "awards of a slice are gone": (
        "update observability.match_breakdowns set awards = 10000 where run_id = '20' and dimension_value = 'NASA'",
        ("awards lost", "warning", "agency: NASA", 0.5),
    ),
    "a slice is gone": (
        "delete from observability.match_breakdowns where run_id = '20' and dimension_value = 'NASA'",
        ("awards lost", "warning", "agency: NASA", 1.0),
    ),
    "a run that failed": (
        "update observability.runs set status = 'error' where run_id = '20'",
        ("failed run", "critical", "make build (error)", 1.0),
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_raises_the_right_alert_once(history: duckdb.DuckDBPyConnection, fault: str) -> None:
    statement, (rule, severity, subject, value) = FAULTS[fault]
    history.execute(statement)
    (alert,) = raised(history)
    assert (alert["rule"], alert["severity"], alert["subject"]) == (rule, severity, subject)
    assert alert["value"] == pytest.approx(value)
    assert alert["message"].endswith(tuple(rule.remedy for rule in read_rules()))


def test_unusable_values_raise_an_alert_that_names_the_column(history: duckdb.DuckDBPyConnection) -> None:
    (alert,) = raised(history, [VALUES[0] | {"usable": 143000}, *VALUES[1:]])
    assert (alert["rule"], alert["severity"], alert["subject"]) == ("unusable values", "warning", "awards.duns")
    assert alert["value"] == pytest.approx(3921 / 146921)
    assert "2.67% (awards.duns), expected at most 2.00%" in alert["message"]


def test_repeated_awards_raise_an_alert(history: duckdb.DuckDBPyConnection) -> None:
    (alert,) = raised(history, inputs=[INPUTS[0] | {"repeated_records": 219499}])
    assert (alert["rule"], alert["severity"], alert["subject"]) == ("repeated awards", "warning", "awards")


def test_limits_of_gates_are_those_of_the_run(history: duckdb.DuckDBPyConnection) -> None:
    history.execute("update observability.gates set threshold = 0.85 where gate = 'match_rate'")
    (alert,) = raised(history)
    assert alert["rule"] == "match rate below the gate"
    assert (
        "Match rate above the limit of its gate: -3.00 points (all awards), expected at least 0.00 points"
        in (alert["message"])
    )


@pytest.mark.parametrize(
    "harmless",
    [
        "update raw.load_history set is_sample = true, loaded_at = timestamp '2020-01-01'",
        "update observability.gates set value = 0.5, counted_of = 40 where gate = 'precision'",
        "update observability.gates set value = null where gate = 'precision'",
        "update observability.runs set dbt_seconds = 60, awards = 1500",
        "update observability.match_breakdowns set awards = 0 where run_id = '20' and dimension_value = 'tiny'",
        "update observability.runs set is_sample = run_id <> '20'; "
        "delete from observability.match_breakdowns where run_id = '20' and dimension_value = 'NASA'",
        "update observability.runs set performance_peak_memory_mb = 300, models_built = 3 where run_id <> '20'",
        "update observability.runs set performance_peak_memory_mb = 300 where run_id in ('11', '12'); "
        "delete from observability.runs where run_id = '13'",
        "update observability.runs set performance_peak_memory_mb = case run_id when '20' then 400 else 290 end",
        "update observability.runs set status = 'stopped' where run_id = '20'",
        "update observability.runs set status = 'failed', command = 'dbt test' where run_id = '20'",
        "update raw.load_history set records_read = 0, rows_quarantined = 0",
        "drop table raw.load_history",
    ],
)
def test_what_is_no_fault_raises_none(history: duckdb.DuckDBPyConnection, harmless: str) -> None:
    history.execute(harmless)
    assert raised(history) == []


def test_why_a_run_failed_is_said_once(history: duckdb.DuckDBPyConnection) -> None:
    history.execute(FAULTS["match rate"][0])
    history.execute("update observability.runs set status = 'failed' where run_id = '20'")
    assert [alert["rule"] for alert in raised(history)] == ["match rate below the gate"]


def test_the_worst_of_several_slices_is_named_and_the_rest_counted(history: duckdb.DuckDBPyConnection) -> None:
    history.execute(
        "update observability.match_breakdowns set match_rate = match_rate - case dimension_value when 'CA' then 0.3 "
        "else 0.06 end where run_id = '20' and dimension <> 'match_method'"
    )
    (alert,) = raised(history)
    assert alert["subject"] == "state: CA"
    assert "30.00% (state: CA, and 2 more), expected at most 5.00%" in alert["message"]


def test_the_gravest_comes_first(history: duckdb.DuckDBPyConnection) -> None:
    for fault in ("stale input", "precision", "quarantine"):
        history.execute(FAULTS[fault][0])
    assert [alert["severity"] for alert in raised(history)] == ["critical", "warning", "warning"]


@pytest.mark.parametrize(
    "line",
    [
        "a,match_rate,beneath,0.7,critical,1,percent,b,c",
        "a,match_rate,below,much,critical,1,percent,b,c",
        "a,match_rate,below,0.7,grave,1,percent,b,c",
        "a,match_rate,below,0.7,critical,1,furlongs,b,c",
        "a,match_rate,below,0.7,critical,1,percent,b,c,d",
        "a,match_rate",
    ],
)
def test_a_line_that_is_no_rule_is_named(tmp_path: Path, line: str) -> None:
    file = tmp_path / "alert_rules.csv"
    file.write_text(f"{','.join(Rule.__dataclass_fields__)}\n{line}\n")
    with pytest.raises(Exception, match="line 2: no rule"):
        read_rules(file)


def test_every_rule_can_be_raised() -> None:
    assert {rule.rule for rule in read_rules()} == {rule for _, (rule, *_) in FAULTS.values()} | {
        "unusable values",
        "repeated awards",
    }


@pytest.fixture
def reports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(alert_delivery, "FOLDER", tmp_path / "alerts")
    return tmp_path


def delivered(command: str | None, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    if command:
        monkeypatch.setenv("SBIR_ALERT_COMMAND", command)
    run: Run = {"runs": [{"run_id": RUN}]}
    alert = {"rule": "slow", "severity": "warning", "message": "5 s", "raised_at": "2026-01-02 03:04:05.678901"}
    alert_delivery.deliver(run, [alert])
    return [alert]


def test_alerts_are_written_and_handed_over(
    reports: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    alerts = delivered(f"tee '{reports / 'got it'}'", monkeypatch)
    file = reports / "alerts" / "20260102T030405.678901Z.json"
    assert json.loads(file.read_text()) == {"run": {"run_id": RUN}, "alerts": alerts}
    assert (reports / "got it").read_text() == file.read_text()
    assert capsys.readouterr().err == f"Alert (warning): slow. 5 s\nAlerts of this run: {file}\n"


@pytest.mark.parametrize(
    ("command", "trouble"),
    [("false", "exit code 1"), ("no-such-command", "No such file"), ("'", "No closing quotation")],
)
def test_a_command_that_fails_is_told_and_hinders_nothing(
    reports: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], command: str, trouble: str
) -> None:
    delivered(command, monkeypatch)
    last = capsys.readouterr().err.splitlines()[-1]
    assert last.startswith(f"Warning: SBIR_ALERT_COMMAND ({command}) did not take the alerts: ")
    assert trouble in last


def test_without_alerts_nothing_is_told(reports: Path, capsys: pytest.CaptureFixture[str]) -> None:
    alert_delivery.deliver({"runs": [{}]}, [])
    assert list(reports.iterdir()) == []
    assert capsys.readouterr() == ("", "")

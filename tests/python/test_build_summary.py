"""The box that a build ends with: each number is that of the query beside it, and nothing in it does harm."""

import re
from pathlib import Path

import duckdb
import pytest

from building.summary import print_published, print_unpublished
from conftest import Warehouse
from interface.dbt_command import first_error, reason
from interface.terminal_text import duration

RUN = "11111111-failed"
FAILED_RUN = f"""
insert into observability.gates (run_id, gate, verdict, value, threshold, message) values
    ('{RUN}', 'match_rate', 'failed', 0.86, 0.99, 'matched 1,290 of 1,500 awards: 195 awards short'),
    ('{RUN}', 'precision', 'not judged', 0.6908, 0.95, 'not judged: 3 firms'),
    ('{RUN}', 'continuity', 'failed', 0.06, 0.05, 'a fall'),
    ('{RUN}', 'grain', 'failed', 1499, 1500, 'all must be equal'),
    ('{RUN}', 'later', 'passed', 0.5, 0.25, 'a gate of later days');
insert into observability.nodes (run_id, node, name, status, message)
select '{RUN}', 'test.' || range, 'test_' || range, 'fail', 'Got ' || range || ' results' || chr(10) || 'more'
from range(7);
insert into observability.nodes (run_id, node, name, status) values ('{RUN}', 'model.m', 'fine', 'success');
"""


@pytest.fixture
def summed_up(sample_copy: Warehouse, monkeypatch: pytest.MonkeyPatch) -> Warehouse:
    """A copy of the built sample, as the functions under test find it."""
    monkeypatch.setenv("SBIR_WAREHOUSE_DIR", str(sample_copy.folder))
    monkeypatch.setenv("COLUMNS", "300")
    sample_copy.published.chmod(0o640)
    return sample_copy


def change_published(warehouse: Warehouse, sql: str) -> None:
    with duckdb.connect(str(warehouse.published)) as connection:
        connection.execute(sql)


def box_of(output: str) -> list[str]:
    """The lines within the frame, each with single spaces."""
    framed = [line for line in output.splitlines() if line.startswith("│")]
    return [" ".join(line.strip("│").split()) for line in framed]


def test_every_number_of_a_publication_is_that_of_its_query(
    summed_up: Warehouse, capsys: pytest.CaptureFixture[str]
) -> None:
    print_published()
    output = capsys.readouterr().out
    queries = [
        "select format('Awards all {:,}', count(*)) from enrichment.enriched_sbir_awards",
        """select format('matched {:,} {:.2f} %', count(*) filter (where _usaspending_match_status = 'matched'),
            100 * count(*) filter (where _usaspending_match_status = 'matched') / count(*))
        from enrichment.enriched_sbir_awards""",
        """select format('{} {:,} {:.2f} %', _usaspending_match_method, count(*),
            100 * count(*) / (select count(*) from enrichment.enriched_sbir_awards))
        from enrichment.enriched_sbir_awards where _usaspending_match_status = 'matched'
        group by _usaspending_match_method order by count(*) desc, _usaspending_match_method""",
        """select format('{} {:,} {:.2f} %', _usaspending_match_status, count(*),
            100 * count(*) / (select count(*) from enrichment.enriched_sbir_awards))
        from enrichment.enriched_sbir_awards where _usaspending_match_status <> 'matched'
        group by _usaspending_match_status order by _usaspending_match_status""",
        """select format('repeated {:,} {:.2f} % of the records are equal to an earlier one', repeated_records,
            100 * repeated_records / records)
        from observability.input_measures where input = 'awards'""",
        """select format('Gates completeness {:.2f} % largest null share, below {:.2f} %', 100 * value, 100 * threshold)
        from quality.gate_checks where gate = 'completeness'""",
        """select replace(format('continuity {}', message), ':', '')
        from quality.gate_checks where gate = 'continuity' and verdict = 'not judged' and value is null""",
        """select format('grain {:,} exactly {:,}', value::bigint, threshold::bigint)
        from quality.gate_checks where gate = 'grain'""",
        """select format('{} {:.2f} % at least {:.2f} %', gate, 100 * value, 100 * threshold)
        from quality.gate_checks where gate in ('match_rate', 'precision') order by gate""",
        "select format('peak memory {:.0f} MB limit {:,.0f} MB', performance_peak_memory_mb, memory_limit_mb) "
        "from observability.runs",
        "select format('alerts {:,}', count(*)) from observability.alerts",
        """select format('{}: {:,} records, {:,} quarantined', file_name, records_read, rows_quarantined)
        from observability.loads where is_current order by input""",
    ]
    expected = [str(line) for query in queries for (line,) in summed_up.query(query)]
    told = box_of(output)
    ((whole, load, dbt, publish),) = summed_up.query(
        "select performance_duration_seconds, load_seconds, dbt_seconds, publish_seconds from observability.runs"
    )
    seconds = [float(str(value)) for value in (whole, load, dbt, publish)]
    expected.insert(17, "Run time {} load {}, dbt {}, publish {}".format(*map(duration, seconds)))
    if (rest := seconds[0] - sum(seconds[1:])) >= 0.1:
        expected[17] += f", recording {duration(rest)}"
    expected[20] = f"Inputs {expected[20]}"
    assert told == expected
    assert "Published as version 1" in output
    assert "make sql SQL='select * from enrichment.enriched_sbir_awards limit 10'\n" in output
    assert "select * from enrichment.enriched_sbir_awards limit 10" in output


def test_seconds_of_the_run_are_those_of_its_record(summed_up: Warehouse, capsys: pytest.CaptureFixture[str]) -> None:
    summed_up.execute(
        "update observability.runs set performance_duration_seconds = 200.2, load_seconds = 1.24, dbt_seconds = 185.4, "
        "publish_seconds = 9.96"
    )
    print_published()
    assert "Run time 3 min 20 s load 1.2 s, dbt 3 min 5 s, publish 10 s, recording 3.6 s" in box_of(
        capsys.readouterr().out
    )


def test_change_against_the_run_before_is_told(summed_up: Warehouse, capsys: pytest.CaptureFixture[str]) -> None:
    change_published(
        summed_up,
        """insert into observability.last_publication
        select 'awards', timestamp '2024-05-01', awards - 1100, 0.5, match_rate - 0.0123, 'grain'
        from quality.rpt_match_breakdown where dimension = 'total';
        create or replace table quality.rpt_link_changes as
        select unnest(['gained', 'lost', 'gained', 're-pointed']) as change""",
    )
    print_published()
    told = box_of(capsys.readouterr().out)
    assert told[0] == "Awards all 1,500 +1,100 since the run published before"
    assert told[1] == "matched 1,290 86.00 %, +1.23 points"
    since = "since the run published before"
    links = [f"Links gained 2 {since}", f"lost 1 {since}", f"re-pointed 1 {since}"]
    assert [line for line in told[2:] if line.endswith(since)] == links


def test_alerts_of_the_run_are_counted(summed_up: Warehouse, capsys: pytest.CaptureFixture[str]) -> None:
    summed_up.execute(
        "insert into observability.alerts (run_id, rule) select run_id, 'slow' from observability.runs; "
        "insert into observability.alerts (run_id, rule) values ('another', 'slow')"
    )
    print_published()
    assert "alerts 1 observability.alerts" in box_of(capsys.readouterr().out)


def test_file_without_a_history_is_summed_up(summed_up: Warehouse, capsys: pytest.CaptureFixture[str]) -> None:
    tables = "drop table observability.runs; drop table observability.alerts; drop table observability.last_publication"
    summed_up.execute(tables)
    change_published(summed_up, tables)
    print_published()
    output = capsys.readouterr()
    told = box_of(output.out)
    assert told[:2] == ["Awards all 1,500", "matched 1,290 86.00 %"]
    assert not any(line.startswith(("Run", "alerts")) for line in told)
    assert output.err == ""


def test_box_can_be_read_on_80_columns_and_does_nothing_to_the_terminal(
    summed_up: Warehouse, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    name = "[red]x[/red]" + "n" * 90 + ".csv"
    change_published(
        summed_up,
        "update observability.loads set file_name = chr(27) || '[2J' || "
        f"'{name}' where is_current and input = 'awards'",
    )
    print_published()
    output = capsys.readouterr().out
    lines = output.splitlines()
    assert max(len(line) for line in lines if line.startswith(("│", "╭", "╰"))) <= 80
    assert "\x1b" not in output
    assert f"\\x1b[2J{name}: 1,500 records" in "".join(box_of(output)).replace("nn n", "nnn")


def test_failure_is_told_with_its_numbers(summed_up: Warehouse, capsys: pytest.CaptureFixture[str]) -> None:
    summed_up.execute(FAILED_RUN)
    print_unpublished("dbt build", 1, RUN)
    output = capsys.readouterr().out
    ((published_at,),) = summed_up.query("select published_at from observability.publication", published=True)
    assert "Not published: dbt build failed with exit code 1" in output
    expected = [
        "Gates continuity FAILED 6.00 % a fall of at most 5.00 %: 1.00 points off",
        "grain FAILED 1,499 exactly 1,500: 1 off",
        "match_rate FAILED 86.00 % at least 99.00 %: 13.00 points off",
        "later 0.5 limit 0.25",
        "precision not judged 3 firms",
        "Why a fall",
        "all must be equal",
        "matched 1,290 of 1,500 awards: 195 awards short",
        *(f"{'Failed ' if number == 0 else ''}test_{number}: Got {number} results" for number in range(5)),
        "and 2 more, see observability.nodes",
        f"Published still version 1 of {published_at}, 1,500 awards, 86.00 % matched",
    ]
    assert " ".join(box_of(output)) == " ".join(expected)
    below = output.splitlines()[-4:]
    assert below[0] == "Ask the working file with: make sql WORKING=yes"
    queries = [
        re.fullmatch(f"Culprits of {gate}: (.+)", line)
        for gate, line in zip(("continuity", "grain", "match_rate"), below[1:], strict=True)
    ]
    assert all(query and summed_up.query(query[1]) is not None for query in queries), output


def test_failure_before_the_gates_tells_no_gates_of_an_earlier_run(
    summed_up: Warehouse, capsys: pytest.CaptureFixture[str]
) -> None:
    print_unpublished("load", 2, RUN)
    (told,) = box_of(capsys.readouterr().out)
    assert told.startswith("Published still version 1 of ")


def test_failure_where_nothing_stands(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SBIR_WAREHOUSE_DIR", str(tmp_path))
    print_unpublished("load", 2, None)
    output = capsys.readouterr()
    assert box_of(output.out) == ["Published nothing yet"]
    assert output.err == ""


@pytest.mark.parametrize("damaged", ["working", "published"])
def test_file_that_cannot_be_read_fails_no_build(
    summed_up: Warehouse, capsys: pytest.CaptureFixture[str], damaged: str
) -> None:
    path: Path = getattr(summed_up, damaged)
    path.unlink()
    path.write_bytes(bytes(5000))
    print_published()
    print_unpublished("dbt build", 1, RUN)
    output = capsys.readouterr()
    assert output.err.count("Warning: the summary is not whole: ") == 2
    assert "Not published: dbt build failed with exit code 1" in output.out


def test_publishing_by_itself_sums_up_once(sample_copy: Warehouse) -> None:
    done = sample_copy.publish_changed(COLUMNS="80")
    assert done.exit_code == 0
    assert done.output.count("Published as version 2") == 1
    assert done.output.count("Ask it with: ") == 1


@pytest.mark.parametrize(
    ("message", "told"),
    [
        (
            "Compilation Error in model m (models/m.sql)\n  m would break its constraints\n  > in macro x",
            "m would break its constraints",
        ),
        ("Runtime Error in model m (models/m.sql)", "Runtime Error in model m (models/m.sql)"),
        ("Got 3 results, configured to fail if != 0\nmore", "Got 3 results, configured to fail if != 0"),
        ("", ""),
    ],
)
def test_failure_is_told_by_the_line_that_says_why(message: str, told: str) -> None:
    assert reason(message) == told


@pytest.mark.parametrize(
    ("output", "told"),
    [
        (
            "08:15:00  Encountered an error:\nCompilation Error in model m (models/m.sql)\n  no share\n  > in x\n",
            "Compilation Error in model m (models/m.sql): no share",
        ),
        (
            "08:15:00    Runtime Error in model m (models/m.sql)\n  Binder Error: no column x\n08:15:01  Done.",
            "Runtime Error in model m (models/m.sql): Binder Error: no column x",
        ),
        ("08:15:00  killed\n", "killed"),
        ("", "dbt said nothing"),
    ],
)
def test_first_error_names_the_node_and_says_why(output: str, told: str) -> None:
    assert first_error(output) == told

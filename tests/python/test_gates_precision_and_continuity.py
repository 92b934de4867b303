"""The gates that compare: precision with what is known of firms, continuity with the published version."""

import csv
import math
from pathlib import Path

import duckdb
import pytest

from conftest import SAMPLE, Warehouse
from loading.tables import digest_of_rows

OUTCOMES = "quality.evaluation_outcomes"
FEWEST_FIRMS = 200
LEAST_PRECISION = 0.95
NOTHING_PUBLISHED = "not judged: nothing is published to compare with"


def gate(warehouse: Warehouse, name: str) -> tuple[float | None, str, str]:
    """Value, verdict and message of a gate on the tables as they stand."""
    ((value, verdict, message),) = warehouse.query(
        f"select value, verdict, message from quality.gate_checks where gate = '{name}'"
    )
    return None if value is None else float(str(value)), str(verdict), str(message)


def plant_outcomes(warehouse: Warehouse, **counts: int) -> None:
    """Leave as many firms in the evaluation as are named, with these outcomes (`_` for a blank)."""
    firms = sum(counts.values())
    outcomes = [outcome.replace("_", " ") for outcome, count in counts.items() for _ in range(count)]
    warehouse.execute(
        f"""
        create temp table planted as
        select planted.* replace ({outcomes}[place] as outcome, 'firm ' || place as subject_key)
        from (select *, row_number() over () as place from {OUTCOMES}, range(20) limit {firms}) as numbered
        cross join lateral (select numbered.* exclude (place, range)) as planted;
        delete from {OUTCOMES};
        insert into {OUTCOMES} by name select * from planted;
        """
    )
    assert warehouse.query(f"select count(*) from {OUTCOMES}") == [(firms,)]


def least_right(judged: int) -> int:
    """The fewest right links of so many judged whose lower Wilson bound (95 %) reaches the limit."""

    def lower_bound(right: int) -> float:
        share, z = right / judged, 1.959964
        spread = z * math.sqrt(share * (1 - share) / judged + z * z / (4 * judged * judged))
        return (share + z * z / (2 * judged) - spread) / (1 + z * z / judged)

    return next(right for right in range(judged + 1) if lower_bound(right) >= LEAST_PRECISION)


def test_sample_is_judged_by_both_gates(built_sample: Warehouse) -> None:
    value, verdict, message = gate(built_sample, "precision")
    assert value is not None
    assert value >= LEAST_PRECISION
    assert verdict == "passed"
    assert "at least 95.0 % is needed" in message
    assert gate(built_sample, "continuity") == (None, "not judged", NOTHING_PUBLISHED)


@pytest.mark.parametrize("judged", [200, 1_000])
def test_precision_fails_from_the_first_wrong_link_too_many(sample_copy: Warehouse, judged: int) -> None:
    right = least_right(judged)
    plant_outcomes(sample_copy, right=right, wrong=judged - right)
    value, verdict, message = gate(sample_copy, "precision")
    assert verdict == "passed", message
    assert value is not None
    assert value >= LEAST_PRECISION
    assert f"right for {right:,} of {judged:,} firms" in message
    plant_outcomes(sample_copy, right=right - 1, wrong=judged - right + 1)
    value, verdict, message = gate(sample_copy, "precision")
    assert verdict == "failed", message
    assert value is not None
    assert value < LEAST_PRECISION
    assert f"right for {right - 1:,} of {judged:,} firms" in message


def test_precision_counts_neither_missed_firms_nor_other_identifiers_of_one_name(sample_copy: Warehouse) -> None:
    plant_outcomes(sample_copy, right=200, missed=300, same_name=300, rightly_unlinked=300)
    _, verdict, message = gate(sample_copy, "precision")
    assert verdict == "passed", message
    assert "right for 200 of 200 firms" in message


def test_precision_is_judged_from_two_hundred_firms_on(sample_copy: Warehouse) -> None:
    plant_outcomes(sample_copy, wrong=FEWEST_FIRMS - 1)
    assert gate(sample_copy, "precision") == (
        None,
        "not judged",
        "not judged: 199 firms have a known recipient, 200 are needed",
    )
    plant_outcomes(sample_copy, wrong=FEWEST_FIRMS)
    _, verdict, message = gate(sample_copy, "precision")
    assert verdict == "failed"
    assert "right for 0 of 200 firms" in message


@pytest.mark.parametrize(("right", "wrong", "listed"), [(50, 0, "missed"), (49, 1, "wrong")])
def test_culprits_of_precision_are_the_wrong_or_else_the_missed(
    sample_copy: Warehouse, right: int, wrong: int, listed: str
) -> None:
    plant_outcomes(sample_copy, right=right, wrong=wrong, missed=300)
    ((query,),) = sample_copy.query(
        "select culprits from quality.gate_checks where gate = 'precision' and verdict = 'failed'"
    )
    found = sample_copy.query(f"select distinct outcome from ({query})")
    assert found == [(listed,)]


def test_precision_limit_comes_from_the_environment(sample_copy: Warehouse) -> None:
    plant_outcomes(sample_copy, right=900, wrong=100)
    sample_copy.execute("drop schema analytics cascade")
    blocked = sample_copy.dbt("run", "-s", "gate_checks", "sbir_match_summary")
    assert blocked.exit_code == 1, blocked.output
    assert "name rules right for 900 of 1,000 firms" in blocked.output
    done = sample_copy.dbt("run", "-s", "gate_checks", "sbir_match_summary", SBIR_MIN_PRECISION="0.85")
    assert done.exit_code == 0, done.output
    assert "at least 85.0 % is needed" in gate(sample_copy, "precision")[2]


@pytest.mark.parametrize(
    "variable", ["SBIR_MIN_PRECISION", "SBIR_MAX_MATCH_RATE_DROP", "SBIR_MAX_RECORD_DROP", "SBIR_MAX_IDENTIFIER_DROP"]
)
@pytest.mark.parametrize("limit", ["5", "five", "-0.05"])
def test_limit_that_is_no_share_is_refused(warehouse: Warehouse, variable: str, limit: str) -> None:
    done = warehouse.dbt("compile", "-s", "gate_checks", **{variable: limit})
    assert done.exit_code != 0
    assert f"{variable}='{limit}' is not a fraction" in done.output


def plant_publication(
    warehouse: Warehouse,
    records: str = "records",
    identifier_share: str = "identifier_share",
    match_rate: str = "match_rate",
    judged_gates: str = "precision",
    condition: str = "true",
) -> None:
    """Have the published version hold what this build does, but for what is given as SQL."""
    warehouse.execute(
        f"""
        delete from observability.last_publication;
        insert into observability.last_publication
        select
            input, timestamp '2024-05-01 12:00:00', {records}, {identifier_share}, {match_rate}, '{judged_gates}'
        from observability.input_measures, quality.rpt_match_breakdown where dimension = 'total' and {condition}
        """
    )


KEPT: list[dict[str, str]] = [
    {},
    {"records": "records - 100", "identifier_share": "0.1", "match_rate": "match_rate - 0.2"},
    {"records": "floor(records / 0.9)", "condition": "input = 'awards'"},
    {"identifier_share": "identifier_share + 0.0499", "match_rate": "match_rate + 0.0499"},
    # Prime awards that were not loaded then.
    {"condition": "input <> 'prime_awards'"},
    {"judged_gates": "completeness, grain, match_rate, precision"},
]


@pytest.mark.parametrize("published", KEPT)
def test_continuity_passes_where_no_more_is_lost_than_the_limits_allow(
    sample_copy: Warehouse, published: dict[str, str]
) -> None:
    plant_publication(sample_copy, **published)
    _, verdict, message = gate(sample_copy, "continuity")
    assert verdict == "passed", message
    assert message.startswith("against the version published at 2024-05-01 12:00:00: ")
    assert "awards: 1,500 records, " in message


LOST = {
    "awards": ({"records": "5000", "condition": "input = 'awards'"}, 0.7, "awards: 1,500 records, 5,000 published"),
    "just too many awards": ({"records": "ceil(records / 0.9)", "condition": "input = 'awards'"}, 0.1, "awards: 1,500"),
    "recipients": ({"records": "2400", "condition": "input = 'recipients'"}, 0.5, "recipients: 1,200 records, 2,400"),
    "prime awards": ({"records": "1606", "condition": "input = 'prime_awards'"}, 0.5, "prime awards: 803 records"),
    "identifiers of recipients": (
        {"identifier_share": "identifier_share + 0.0501", "condition": "input = 'recipients'"},
        0.0501,
        "a fall of 5.01 points, more than 5.0",
    ),
    "matches": ({"match_rate": "match_rate + 0.0501"}, 0.0501, "a fall of 5.01 points, more than 5.0"),
    "a verdict": (
        {"judged_gates": "grain, later, precision"},
        None,
        "gate precision was judged then and is not judged: 0 firms have a known recipient, 200 are needed",
    ),
}


@pytest.mark.parametrize("loss", LOST)
def test_continuity_fails_where_more_is_lost(sample_copy: Warehouse, loss: str) -> None:
    published, fall, words = LOST[loss]
    plant_publication(sample_copy, **published)
    if fall is None:
        sample_copy.execute(f"delete from {OUTCOMES}")
    value, verdict, message = gate(sample_copy, "continuity")
    assert verdict == "failed", message
    assert value == (None if fall is None else pytest.approx(fall, abs=2e-4)), message
    assert words in message
    assert message.endswith("if this is intended, build again with --accept-change REASON")
    assert message.count(";") == 1, message


def test_fall_of_exactly_the_limit_passes(sample_copy: Warehouse) -> None:
    plant_publication(sample_copy)
    sample_copy.execute("update observability.input_measures set records = 1350 where input = 'awards'")
    value, verdict, message = gate(sample_copy, "continuity")
    assert (value, verdict) == (0.1, "passed"), message


def test_input_that_is_gone_is_a_loss_of_all_its_records(sample_copy: Warehouse) -> None:
    plant_publication(sample_copy)
    sample_copy.execute(
        "update observability.input_measures set records = 0, identified_records = 0, identifier_share = null "
        "where input = 'prime_awards'"
    )
    value, verdict, message = gate(sample_copy, "continuity")
    assert (value, verdict) == (1.0, "failed")
    assert "prime awards: 0 records, 803 published, a fall of 100.0 %, more than 10.0" in message


def cut_sample(folder: Path, name: str, records: int | None = None, *, blank: bool = False) -> Path:
    """An award file with the first records of the sample, or with no identifiers."""
    with (SAMPLE / "award_data.csv").open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    rows = rows[:records]
    if blank:
        hidden = {place for place, column in enumerate(header) if column.upper() in ("UEI", "DUNS")}
        rows = [["" if place in hidden else value for place, value in enumerate(row)] for row in rows]
    path = folder / name
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *rows])
    return path


REASON = "they're the awards of one year"
# What continuity reads: quick to build where the rest is not asked for.
MEASURED = ("stg_sbir__awards", "load_files", "loads", "input_measures", "last_publication", "gate_checks")


def measure(warehouse: Warehouse, awards: Path, *more: str, **environment: str) -> tuple[float | None, str, str]:
    """The gate continuity once awards are loaded in place of those there."""
    loaded = warehouse.load("--awards", str(awards), *more)
    assert loaded.exit_code == 0, loaded.output
    done = warehouse.dbt("run", "-s", *MEASURED, **environment)
    assert done.exit_code == 0, done.output
    return gate(warehouse, "continuity")


def publish_as_real(warehouse: Warehouse) -> None:
    """Have the published file say that it was made from a user's files."""
    warehouse.published.chmod(0o640)
    with duckdb.connect(str(warehouse.published)) as connection:
        connection.execute("update observability.input_measures set is_sample = false")


def test_award_file_that_lost_records_or_identifiers_fails_whatever_its_name(
    sample_copy: Warehouse, tmp_path: Path
) -> None:
    others = [
        word
        for name, file in (("recipients", "recipient_lookup"), ("prime-awards", "prime_award_summaries"))
        for word in (f"--{name}", str(SAMPLE / f"{file}.csv"))
    ]
    # The published sample is no measure for a user's files.
    cut = cut_sample(tmp_path, "award_data.csv", 450)
    assert measure(sample_copy, cut, *others) == (None, "not judged", NOTHING_PUBLISHED)
    publish_as_real(sample_copy)
    lost = "awards: 450 records, 1,500 published, a fall of 70.0 %, more than 10.0"
    for name in ("award_data.csv", "award_data_20261128.csv"):
        value, verdict, message = measure(sample_copy, cut_sample(tmp_path, name, 450))
        assert (value, verdict) == (0.7, "failed")
        assert lost in message
    _, verdict, message = measure(sample_copy, cut, SBIR_ACCEPT_CHANGE=f" {REASON} ")
    assert verdict == "passed"
    assert lost in message
    assert message.endswith(f"; accepted: {REASON}")
    value, verdict, message = measure(sample_copy, cut_sample(tmp_path, "award_data.csv", blank=True))
    assert verdict == "failed"
    assert "awards: 0.0 % with a usable UEI or DUNS" in message


def lose_recipients(warehouse: Warehouse, rest: int) -> None:
    """Leave what a recipient file that lost a fifth of its records would have loaded."""
    with duckdb.connect(str(warehouse.working)) as connection:
        connection.execute(f"delete from raw.recipients where _row_number % 5 = {rest}")
        connection.execute(
            "update raw.load_history set contents = ? where input = 'recipients' and is_current",
            [digest_of_rows(connection, "recipients")],
        )


def test_loss_is_published_once_where_it_is_accepted(sample_copy: Warehouse) -> None:
    """The recipient file lost a part: the firms of these recipients are no longer found."""
    before = sample_copy.published_digest()
    sample_copy.execute("drop schema analytics cascade")
    lose_recipients(sample_copy, 0)
    done = sample_copy.build()
    assert done.exit_code == 1, done.output
    (told,) = [line for line in done.output.splitlines() if "FAILED" in line]
    assert "Gate continuity FAILED" in told
    assert "recipients: 960 records, 1,200 published, a fall of 20.0 %, more than 10.0" in told
    assert "match rate " in told
    assert sample_copy.analytics_tables() == []
    assert sample_copy.publish().exit_code != 0
    assert sample_copy.published_digest() == before

    accepted = sample_copy.run("scripts/build.py", "--accept-change", REASON)
    assert accepted.exit_code == 0, accepted.output
    assert f"accepted: {REASON}" in accepted.output
    recorded = "select accepted_change from observability."
    assert sample_copy.query(f"{recorded}publication", published=True) == [(REASON,)]
    latest = f"{recorded}runs order by started_at desc limit 1"
    assert sample_copy.query(latest) == sample_copy.query(latest, published=True) == [(REASON,)]

    # From now on this version is the one to compare with.
    lose_recipients(sample_copy, 1)
    again = sample_copy.dbt("build", "-s", "+gate_checks+1", "--exclude-resource-type", "unit_test")
    assert again.exit_code == 1, again.output
    assert "recipients: 720 records, 960 published" in again.output


@pytest.mark.parametrize("script", ["scripts/build.py", "scripts/publish.py"])
def test_change_is_not_accepted_without_a_reason(warehouse: Warehouse, script: str) -> None:
    done = warehouse.run(script, "--accept-change", " ")
    assert (done.exit_code, done.output) == (
        2,
        "Error: --accept-change has no reason. Say in a few words why the change is intended\n",
    )

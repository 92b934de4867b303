"""The gates that compare: precision with what is known of firms, drift with the run published before."""

import math

import pytest

from conftest import Warehouse

OUTCOMES = "quality.evaluation_outcomes"
FEWEST_FIRMS = 200
LEAST_PRECISION = 0.95


def gate(warehouse: Warehouse, name: str) -> tuple[float | None, bool, str]:
    """Value, verdict and message of a gate on the tables as they stand."""
    ((value, is_passed, message),) = warehouse.query(
        f"select value, is_passed, message from quality.gate_checks where gate = '{name}'"
    )
    assert isinstance(is_passed, bool)
    return None if value is None else float(str(value)), is_passed, str(message)


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
    value, is_passed, message = gate(built_sample, "precision")
    assert value is not None
    assert value >= LEAST_PRECISION
    assert is_passed
    assert "at least 95.0 % is needed" in message
    assert gate(built_sample, "drift") == (None, True, "not judged: nothing comparable is published yet")


@pytest.mark.parametrize("judged", [200, 1_000])
def test_precision_fails_from_the_first_wrong_link_too_many(sample_copy: Warehouse, judged: int) -> None:
    right = least_right(judged)
    plant_outcomes(sample_copy, right=right, wrong=judged - right)
    value, is_passed, message = gate(sample_copy, "precision")
    assert is_passed, message
    assert value is not None
    assert value >= LEAST_PRECISION
    assert f"right for {right:,} of {judged:,} firms" in message
    plant_outcomes(sample_copy, right=right - 1, wrong=judged - right + 1)
    value, is_passed, message = gate(sample_copy, "precision")
    assert not is_passed, message
    assert value is not None
    assert value < LEAST_PRECISION
    assert f"right for {right - 1:,} of {judged:,} firms" in message


def test_precision_counts_neither_missed_firms_nor_other_identifiers_of_one_name(sample_copy: Warehouse) -> None:
    plant_outcomes(sample_copy, right=200, missed=300, same_name=300, rightly_unlinked=300)
    _, is_passed, message = gate(sample_copy, "precision")
    assert is_passed, message
    assert "right for 200 of 200 firms" in message


def test_precision_is_judged_from_two_hundred_firms_on(sample_copy: Warehouse) -> None:
    plant_outcomes(sample_copy, wrong=FEWEST_FIRMS - 1)
    assert gate(sample_copy, "precision")[1:] == (
        True,
        "not judged: 199 firms have a known recipient, 200 are needed",
    )
    plant_outcomes(sample_copy, wrong=FEWEST_FIRMS)
    _, is_passed, message = gate(sample_copy, "precision")
    assert not is_passed
    assert "right for 0 of 200 firms" in message


def test_precision_limit_comes_from_the_environment(sample_copy: Warehouse) -> None:
    plant_outcomes(sample_copy, right=900, wrong=100)
    sample_copy.execute("drop schema analytics cascade")
    blocked = sample_copy.dbt("run", "-s", "gate_checks", "sbir_match_summary")
    assert blocked.exit_code == 1, blocked.output
    assert "name rules right for 900 of 1,000 firms" in blocked.output
    done = sample_copy.dbt("run", "-s", "gate_checks", "sbir_match_summary", SBIR_MIN_PRECISION="0.85")
    assert done.exit_code == 0, done.output
    assert "at least 85.0 % is needed" in gate(sample_copy, "precision")[2]


@pytest.mark.parametrize("variable", ["SBIR_MIN_PRECISION", "SBIR_MAX_MATCH_RATE_DROP"])
@pytest.mark.parametrize("limit", ["5", "five", "-0.05"])
def test_limit_that_is_no_share_is_refused(warehouse: Warehouse, variable: str, limit: str) -> None:
    done = warehouse.dbt("compile", "-s", "gate_checks", **{variable: limit})
    assert done.exit_code != 0
    assert f"{variable}='{limit}' is no share" in done.output


def plant_publication(warehouse: Warehouse, fall: float) -> None:
    """Have the run before matched so much more of the awards than this one."""
    warehouse.execute(
        f"""
        delete from observability.last_publication;
        insert into observability.last_publication
        select timestamp '2024-05-01 12:00:00', 'award_data.csv', awards, match_rate + {fall}
        from quality.rpt_match_breakdown where dimension = 'total'
        """
    )


@pytest.mark.parametrize(("fall", "holds"), [(-0.2, True), (0.0, True), (0.0499, True), (0.0501, False), (0.2, False)])
def test_drift_fails_from_five_points_on(sample_copy: Warehouse, fall: float, holds: bool) -> None:
    plant_publication(sample_copy, fall)
    _, is_passed, message = gate(sample_copy, "drift")
    assert is_passed == holds, message
    assert "published at 2024-05-01 12:00:00; a fall of 5.0 points fails" in message


def test_fall_of_the_match_rate_is_published_only_where_the_limit_allows_it(sample_copy: Warehouse) -> None:
    """The recipient file lost a part: the firms of these recipients are no longer found."""
    before = sample_copy.published_digest()
    sample_copy.execute("drop schema analytics cascade; delete from raw.recipients where _row_number % 5 = 0")
    done = sample_copy.build()
    assert done.exit_code == 1, done.output
    ((rate, published_rate),) = sample_copy.query(
        """select round(100 * breakdown.match_rate, 2), round(100 * last_publication.match_rate, 2)
        from quality.rpt_match_breakdown as breakdown, observability.last_publication where dimension = 'total'"""
    )
    assert float(str(published_rate)) - float(str(rate)) > 5
    (told,) = [line for line in done.output.splitlines() if "FAILED" in line]
    assert "Gate drift FAILED" in told
    assert f"{rate} % against {published_rate} % published at" in told
    assert sample_copy.analytics_tables() == []
    refused = sample_copy.publish()
    assert refused.exit_code != 0
    assert sample_copy.published_digest() == before

    accepted = sample_copy.build(SBIR_MAX_MATCH_RATE_DROP="0.5")
    assert accepted.exit_code == 0, accepted.output
    assert "a fall of 50.0 points fails" in accepted.output
    assert sample_copy.publish().exit_code == 0
    assert sample_copy.published_digest() != before

    # From now on this run is the one to compare with.
    again = sample_copy.dbt("build", "-s", "last_publication+")
    assert again.exit_code == 0, again.output
    assert f"match rate {rate} % against {rate} % published" in again.output


def test_run_of_other_files_or_another_size_is_not_compared_with(sample_copy: Warehouse) -> None:
    """Each way to differ has a unit test at the model; here, that the gate follows."""
    sample_copy.execute(
        """update enrichment.enriched_sbir_awards set _usaspending_match_status = 'unmatched'
        where award_key < '2' and _usaspending_match_status = 'matched'"""
    )
    not_judged = (True, "not judged: nothing comparable is published yet")
    for other, verdict in {
        "select 1": None,
        "update raw.load_history set source = 'other.csv' where input = 'recipients'": not_judged,
        """update raw.load_history set source = 'recipient_lookup.csv' where input = 'recipients';
        update raw.load_history set rows_loaded = 3 * rows_loaded where input = 'awards'""": not_judged,
    }.items():
        sample_copy.execute(other)
        done = sample_copy.dbt("run", "-s", "load_files", "loads", "last_publication")
        assert done.exit_code == 0, done.output
        _, is_passed, message = gate(sample_copy, "drift")
        assert (is_passed, message) == verdict if verdict else not is_passed, message

"""`make validate`: the worst parts of the awards first, and an exit code that says whether one fails."""

import pytest

from conftest import Done, Warehouse


def validate(warehouse: Warehouse, *arguments: str) -> Done:
    return warehouse.run("scripts/validate.py", *arguments)


def test_sample_passes_and_small_slices_are_not_judged(built_sample: Warehouse) -> None:
    done = validate(built_sample)
    assert done.exit_code == 0, done.output
    assert "0 of 80 judged slices fail; 15 more are too small to be judged" in done.output
    judged = built_sample.query(
        "select verdict, min(awards), max(awards) from quality.rpt_validation_slices group by verdict order by 1",
        True,
    )
    # One per cent of 1,500 awards are 15.
    assert judged == [("not judged", 1, 12), ("passed", 16, 1500)]
    ranked = built_sample.query(
        "select slice_rank, verdict <> 'not judged' from quality.rpt_validation_slices order by 1", True
    )
    assert ranked == [(place, place <= 80) for place in range(1, 96)]


def test_slice_below_the_limit_fails_and_stops_no_build(sample_copy: Warehouse) -> None:
    done = sample_copy.dbt(
        "build", "-s", "rpt_validation_slices", "--exclude-resource-type", "unit_test", SBIR_MIN_SLICE_MATCH_RATE="0.6"
    )
    assert done.exit_code == 0, done.output
    told = validate(sample_copy, "--working")
    assert told.exit_code == 1, told.output
    assert "FAILED state MN: matched 22 of 42 awards = 52.38 %, at least 60.0 % is needed" in told.output
    assert "3 of 80 judged slices fail" in told.output
    assert told.output.index(" MN ") < told.output.index(" NJ ") < told.output.index(" NM ")
    # The published file is another one, in which they do not.
    assert validate(sample_copy).exit_code == 0


def test_slices_are_there_to_look_at_after_a_failed_gate(sample_copy: Warehouse) -> None:
    sample_copy.execute(
        """update enrichment.enriched_sbir_awards set usaspending_recipient_name = null
        where state = 'VA' and agency = 'Department of Defense'"""
    )
    done = sample_copy.dbt("build", "-s", "rpt_validation_slices", "gate_checks+")
    assert "Gate completeness FAILED" in done.output
    # No table is made anew for a value changed by hand; in a build of changed inputs it would be.
    assert sample_copy.dbt("run", "--full-refresh", "-s", "rpt_validation_slices").exit_code == 0
    told = validate(sample_copy, "--working")
    assert told.exit_code == 1
    assert "FAILED state VA" in told.output
    assert "matched awards lack method, score, name or hash, 0 allowed" in told.output


@pytest.mark.parametrize("arguments", [(), ("--working",)])
def test_what_cannot_be_read_is_told_in_one_line(warehouse: Warehouse, arguments: tuple[str, ...]) -> None:
    done = validate(warehouse, *arguments)
    assert (done.exit_code, done.output.count("\n")) == (2, 1), done.output
    assert "There is no " in done.output
    file = warehouse.working if arguments else warehouse.published
    warehouse.run("-c", f"import duckdb; duckdb.connect({str(file)!r}).execute('create table t as select 1')")
    done = validate(warehouse, *arguments)
    assert (done.exit_code, done.output.count("\n")) == (2, 1), done.output
    assert "is not validated by slice" in done.output
    file.write_bytes(b"no database" * 1000)
    done = validate(warehouse, *arguments)
    assert (done.exit_code, done.output.count("\n")) == (2, 1), done.output
    assert "Make it" in done.output

"""Every gate fails where it should, whichever dbt command is used, and nothing below it is built."""

import re

import pytest

from conftest import Done, Warehouse

ENRICHED = "enrichment.enriched_sbir_awards"

# How each gate is broken: name of the gate, what a user reads, the fault.
FAULTS = {
    "too few matches": (
        "match_rate",
        "awards short",
        f"""update {ENRICHED} set _usaspending_match_status = 'unmatched', _usaspending_match_method = null,
        _usaspending_match_score = null, usaspending_recipient_name = null where award_key < '8'""",
    ),
    "no awards at all": ("match_rate", "matched 0 of 0 awards", f"delete from {ENRICHED}"),
    "matched without a name": (
        "completeness",
        "name or hash: 1, 0 allowed",
        f"""update {ENRICHED} set usaspending_recipient_name = null where award_key =
        (select min(award_key) from {ENRICHED} where _usaspending_match_status = 'matched')""",
    ),
    "matched without a hash": (
        "completeness",
        "name or hash: 1, 0 allowed",
        f"""update {ENRICHED} set usaspending_recipient_hash = null where award_key =
        (select min(award_key) from {ENRICHED} where _usaspending_match_status = 'matched')""",
    ),
    "a required column nearly empty": (
        "completeness",
        "usaspending_recipient_name 9",
        f"update {ENRICHED} set usaspending_recipient_name = null where award_key > '08'",
    ),
    "hardly an award with a link": (
        "completeness",
        "name or hash: 0, 0 allowed",
        f"""update {ENRICHED} set _usaspending_match_status = 'unmatched', _usaspending_match_method = null,
        _usaspending_match_score = null, usaspending_recipient_name = null where award_key > '08'""",
    ),
    "a required column missing": (
        "completeness",
        "_usaspending_match_score missing",
        f"alter table {ENRICHED} drop column _usaspending_match_score",
    ),
    "an award lost": (
        "grain",
        "all must be equal",
        f"delete from {ENRICHED} where award_key = (select min(award_key) from {ENRICHED})",
    ),
    "an award twice": (
        "grain",
        "all must be equal",
        f"insert into {ENRICHED} from {ENRICHED} order by award_key limit 1",
    ),
    "an award replaced by a copy of another": (
        "grain",
        "all must be equal",
        f"update {ENRICHED} set award_key = (select max(award_key) from {ENRICHED}) "
        f"where award_key = (select min(award_key) from {ENRICHED})",
    ),
    "a record that staging dropped": (
        "grain",
        "all must be equal",
        "insert into raw.awards from raw.awards limit 1",
    ),
    "a record that the load lost": (
        "grain",
        "all must be equal",
        "update raw.load_history set records_read = records_read + 1 where input = 'awards'",
    ),
    "too many wrong links": (
        "precision",
        "name rules right for 0 of ",
        "update quality.evaluation_outcomes set outcome = 'wrong' where outcome = 'right'",
    ),
    "too few links to be sure of": (
        "precision",
        "name rules right for 3 of 3 firms",
        """update quality.evaluation_outcomes set outcome = 'missed';
        update quality.evaluation_outcomes set outcome = 'right' where firm_key in
        (select firm_key from quality.evaluation_outcomes order by firm_key limit 3)""",
    ),
    "a lower match rate than the run before": (
        "continuity",
        "a fall of 6.0 points, more than 5.0",
        """insert into observability.last_publication
        select 'awards', timestamp '2024-05-01 12:00:00', awards, 0, match_rate + 0.06, 'grain'
        from quality.rpt_match_breakdown where dimension = 'total'""",
    ),
}

# What these broke shows in no single award.
WITHOUT_CULPRITS = {
    "a record that staging dropped",
    "a record that the load lost",
    "a lower match rate than the run before",
}

# What is true of every row that is named for a fault.
CULPRITS = {
    "matched without a name": "usaspending_recipient_name is null",
    "hardly an award with a link": "_usaspending_match_status <> 'matched'",
    "a required column missing": "column_name <> '_usaspending_match_score'",
    "an award lost": "enriched_rows = 0",
    "an award twice": "enriched_rows = 2",
    "too many wrong links": "outcome = 'wrong'",
    "too few links to be sure of": "outcome = 'missed'",
}

# Every dbt command that could build analytics past a failed gate.
WAYS_AROUND = {
    "build": ("build", "-s", "gate_checks+"),
    "run": ("run", "-s", "gate_checks+"),
    "build of one model": ("build", "-s", "sbir_company_profiles"),
    "run of one model": ("run", "-s", "sbir_match_summary"),
    "build without tests": ("build", "-s", "gate_checks+", "--exclude-resource-type", "test"),
    "build without the gate tests": (
        "build",
        "-s",
        "gate_checks+",
        "--exclude",
        "path:tests/gates",
    ),
    "build without the gates": ("build", "-s", "gate_checks+", "--exclude", "gate_checks", "gate_results"),
    "fail fast": ("build", "-s", "gate_checks+", "--fail-fast"),
    "full refresh of analytics": ("build", "-s", "path:models/marts/analytics", "--full-refresh"),
}


def break_and_run(warehouse: Warehouse, fault: str, *command: str) -> Done:
    warehouse.execute("drop schema analytics cascade")
    warehouse.execute("drop view quality.gate_checks")
    warehouse.execute(fault)
    return warehouse.dbt(*command)


@pytest.mark.parametrize("fault", FAULTS)
def test_gate_fails_and_blocks(sample_copy: Warehouse, fault: str) -> None:
    gate, words, sql = FAULTS[fault]
    before = sample_copy.published_digest()
    done = break_and_run(sample_copy, sql, "build", "-s", "gate_checks+")
    assert done.exit_code == 1, done.output
    told = [line for line in done.output.splitlines() if f"Gate {gate} FAILED" in line]
    assert len(told) == 1, done.output
    assert words in told[0]
    assert "still the run published at" in done.output
    assert "Links lost since the published run" in done.output
    (query,) = re.findall(f"Culprits of {gate}: (.+);", done.output)
    ((rows, as_expected),) = sample_copy.query(
        f"select count(*), count(*) filter (where {CULPRITS.get(fault, 'true')}) from ({query})"
    )
    assert bool(rows) == (fault not in WITHOUT_CULPRITS)
    assert as_expected == rows
    assert sample_copy.analytics_tables() == []
    assert sample_copy.published_digest() == before
    refused = sample_copy.publish()
    assert refused.exit_code != 0
    assert sample_copy.published_digest() == before


@pytest.mark.parametrize("way", WAYS_AROUND)
def test_no_way_around_a_failed_gate(sample_copy: Warehouse, way: str) -> None:
    done = break_and_run(sample_copy, FAULTS["too few matches"][2], *WAYS_AROUND[way])
    assert done.exit_code == 1, done.output
    assert "awards short" in done.output
    assert sample_copy.analytics_tables() == []


@pytest.mark.parametrize("way", WAYS_AROUND)
def test_every_way_builds_where_the_gates_hold(sample_copy: Warehouse, way: str) -> None:
    done = break_and_run(sample_copy, "select 1", *WAYS_AROUND[way])
    assert done.exit_code == 0, done.output
    assert sample_copy.analytics_tables() != []


@pytest.mark.parametrize("fault", ["too few matches", "an award lost"])
def test_dbt_test_judges_the_tables_as_they_stand(sample_copy: Warehouse, fault: str) -> None:
    gate, words, sql = FAULTS[fault]
    sample_copy.execute(sql)
    done = sample_copy.dbt("test", "-s", "path:tests/gates")
    assert done.exit_code == 1, done.output
    assert re.search(f"Failure in test enrichment_{gate}_check ", done.output), done.output
    assert re.search(f"Gate {gate} FAILED: .*{words}", done.output), done.output


def test_dbt_test_judges_by_the_limit_of_its_own_environment(sample_copy: Warehouse) -> None:
    done = sample_copy.dbt("test", "-s", "path:tests/gates", SBIR_MIN_MATCH_RATE="0.999")
    assert done.exit_code == 1, done.output
    assert re.search("Gate match_rate FAILED: .*at least 99.9 % is needed", done.output), done.output


def test_gates_are_judged_behind_all_that_they_ask_for_alone(sample_copy: Warehouse) -> None:
    done = sample_copy.dbt("ls", "-s", "stg_sbir__awards", "evaluation_outcomes", "--resource-type", "test")
    assert done.exit_code == 0, done.output
    assert not re.search("enrichment_[a-z_]+_check", done.output), done.output
    done = sample_copy.dbt("ls", "-s", "gate_results", "--resource-type", "test")
    assert len(re.findall("enrichment_[a-z_]+_check", done.output)) == 5


def test_gate_limit_comes_from_the_environment(sample_copy: Warehouse) -> None:
    done = sample_copy.dbt("build", "-s", "gate_checks+", SBIR_MIN_MATCH_RATE="0.999")
    assert done.exit_code == 1
    assert "at least 99.9 % is needed" in done.output


@pytest.mark.parametrize("limit", ["seventy", "70", "-0.1", "1.5"])
def test_gate_limit_that_is_no_share_is_refused(sample_copy: Warehouse, limit: str) -> None:
    done = sample_copy.dbt("build", "-s", "gate_checks", SBIR_MIN_MATCH_RATE=limit)
    assert done.exit_code != 0
    assert f"SBIR_MIN_MATCH_RATE='{limit}' is not a fraction" in done.output


def test_failed_build_keeps_the_diagnosis_tables(built_sample: Warehouse, warehouse: Warehouse) -> None:
    assert warehouse.load("--sample").exit_code == 0
    warehouse.execute("delete from raw.recipients where _row_number % 2 = 0")
    done = warehouse.build()
    assert done.exit_code == 1, done.output
    assert "Published file: none yet" in done.output
    assert "since the published run" not in done.output
    assert warehouse.analytics_tables() == []
    unmatched = warehouse.query("select sum(awards) from quality.rpt_unmatched")
    total = warehouse.query("select awards - matched_awards from quality.rpt_match_breakdown where dimension = 'total'")
    assert unmatched == total
    assert warehouse.publish().exit_code == 2
    assert not warehouse.published.exists()

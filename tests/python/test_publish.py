"""Publishing: a fresh file, whole and gated, or none at all."""

import hashlib
import shutil
import stat
from pathlib import Path

import duckdb
import pytest

from conftest import SAMPLE, Warehouse

PERSONAL = (
    "contact",
    "pi_name",
    "pi_title",
    "pi_phone",
    "pi_email",
    "ri_name",
    "ri_poc",
    "phone",
    "email",
)


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_published_tables_equal_the_working_ones(built_sample: Warehouse) -> None:
    tables = built_sample.query(
        """select table_schema || '.' || table_name from information_schema.tables
        where table_schema in ('enrichment', 'analytics', 'quality', 'observability') and table_type = 'BASE TABLE'
        -- Of the run that publishes, the working file knows afterwards how it ended.
        and table_schema || '.' || table_name <> 'observability.runs'"""
    )
    assert len(tables) > 10
    with duckdb.connect(str(built_sample.published), read_only=True) as connection:
        connection.execute(f"attach '{built_sample.working}' as working (read_only)")
        for (table,) in tables:
            rows = connection.execute(f"select count(*) from (from {table} except all from working.{table})").fetchone()
            back = connection.execute(f"select count(*) from (from working.{table} except all from {table})").fetchone()
            assert rows == back == (0,), table


def test_published_file_is_read_only_and_described(built_sample: Warehouse) -> None:
    assert stat.S_IMODE(built_sample.published.stat().st_mode) == 0o440
    undescribed = built_sample.query(
        """select schema_name, table_name, null from duckdb_tables() where comment is null
        union all
        select schema_name, table_name, column_name from duckdb_columns()
        where not internal and comment is null and table_name <> 'publication'""",
        published=True,
    )
    assert undescribed == []


def test_published_file_holds_nothing_raw_or_personal(built_sample: Warehouse) -> None:
    schemas = built_sample.query("select distinct schema_name from duckdb_tables()", published=True)
    assert {name for (name,) in schemas} == {"enrichment", "analytics", "quality", "observability"}
    columns = built_sample.query("select distinct column_name from duckdb_columns() where not internal", published=True)
    assert [name for (name,) in columns if str(name).startswith(PERSONAL)] == []
    personal = built_sample.query("select contact_email from raw.awards where contact_email is not null")
    assert personal, "the sample holds personal data, or this test shows nothing"
    with built_sample.reading(published=True) as connection:
        texts = connection.execute(
            """select schema_name, table_name, column_name from duckdb_columns()
            where not internal and data_type = 'VARCHAR'"""
        ).fetchall()
        for schema, table, column in texts:
            sql = f"""select count(*) from {schema}.{table} where "{column}" like '%@example.com%'"""
            assert connection.execute(sql).fetchall() == [(0,)], (table, column)


def test_crosswalk_is_written_as_parquet(built_sample: Warehouse) -> None:
    parquet = built_sample.folder / "sbir_recipient_crosswalk.parquet"
    with duckdb.connect(str(built_sample.published), read_only=True) as connection:
        different = connection.execute(
            f"select count(*) from (from analytics.sbir_recipient_crosswalk except all from '{parquet}')"
        ).fetchone()
        rows = connection.execute(f"select count(*) > 0 from '{parquet}'").fetchone()
    assert different == (0,)
    assert rows == (True,)


def test_summary_says_what_was_published_and_how_to_open_it(sample_copy: Warehouse) -> None:
    done = sample_copy.publish()
    assert done.exit_code == 0, done.output
    assert f"duckdb.connect('{sample_copy.published}', read_only=True)" in done.output
    assert "award_data.csv" in done.output
    assert "uei-exact" in done.output


def test_reader_of_the_old_file_is_undisturbed(sample_copy: Warehouse) -> None:
    with duckdb.connect(str(sample_copy.published), read_only=True) as reader:
        before = reader.execute("select published_at from observability.publication").fetchall()
        inode = sample_copy.published.stat().st_ino
        assert sample_copy.publish_changed().exit_code == 0
        assert sample_copy.published.stat().st_ino != inode
        assert reader.execute("select published_at from observability.publication").fetchall() == before


@pytest.mark.parametrize(
    ("fault", "exit_code", "words"),
    [
        ("drop table analytics.sbir_match_summary", 2, "it lacks analytics.sbir_match_summary"),
        (
            "delete from analytics.sbir_match_explanations where award_key < '1'",
            1,
            "not as the last whole build left it",
        ),
        (
            "update analytics.sbir_company_profiles set awards = awards + 1",
            1,
            "not as the last whole build left it",
        ),
        (
            "delete from analytics.sbir_recipient_crosswalk where match_method = 'name-exact'",
            1,
            "not as the last whole build left it",
        ),
        ("delete from analytics.sbir_unmatched_awards", 1, "not as the last whole build left it"),
        (
            "insert into analytics.sbir_unmatched_awards from analytics.sbir_unmatched_awards",
            1,
            "not as the last whole build left it",
        ),
        (
            "update analytics.sbir_match_candidates set is_linked = not is_linked",
            1,
            "not as the last whole build left it",
        ),
        ("update quality.rpt_match_breakdown set awards = 0", 1, "not as the last whole build left it"),
    ],
)
def test_partial_or_stale_working_file_is_refused(
    sample_copy: Warehouse, fault: str, exit_code: int, words: str
) -> None:
    before = digest(sample_copy.published)
    sample_copy.execute(fault)
    done = sample_copy.publish()
    assert done.exit_code == exit_code
    assert words in done.output
    assert "Traceback" not in done.output
    assert digest(sample_copy.published) == before


def test_stored_verdict_is_not_believed(sample_copy: Warehouse) -> None:
    sample_copy.execute("update enrichment.enriched_sbir_awards set _usaspending_match_status = 'unmatched'")
    done = sample_copy.publish()
    assert done.exit_code == 1
    assert "gate match_rate fails" in done.output


def test_gates_are_asked_by_the_settings_of_the_day(sample_copy: Warehouse) -> None:
    before = digest(sample_copy.published)
    done = sample_copy.publish(SBIR_MIN_MATCH_RATE="0.99")
    assert done.exit_code == 1, done.output
    assert "Not published: gate match_rate fails: matched 1,2" in done.output
    assert "at least 99.0 % is needed" in done.output
    assert digest(sample_copy.published) == before
    # That was this command's limit.
    assert sample_copy.publish().exit_code == 0


def test_sample_is_said_and_never_published_over_real_data(sample_copy: Warehouse) -> None:
    assert sample_copy.query("select is_sample from observability.publication", published=True) == [(True,)]
    done = sample_copy.publish()
    assert "SAMPLE, the awards are invented" in done.output
    sample_copy.published.chmod(0o640)
    with duckdb.connect(str(sample_copy.published)) as connection:
        connection.execute("update observability.loads set is_sample = false")
    sample_copy.published.chmod(0o440)
    before = digest(sample_copy.published)
    done = sample_copy.publish()
    assert done.exit_code == 2
    assert "holds the invented sample, which never replaces the real data" in done.output
    assert digest(sample_copy.published) == before


def test_nothing_to_publish_is_one_line(warehouse: Warehouse) -> None:
    done = warehouse.publish()
    assert done.exit_code == 2
    assert done.output.count("\n") == 1
    assert "make build" in done.output


def test_leftovers_of_a_killed_publication_do_no_harm(sample_copy: Warehouse) -> None:
    (sample_copy.folder / "sbir.duckdb.publishing").write_bytes(b"half a file")
    half = sample_copy.folder / "versions" / "000007.writing"
    half.mkdir(parents=True)
    (half / "sbir.duckdb").write_bytes(b"half a file")
    assert sample_copy.publish_changed().exit_code == 0
    assert not list(sample_copy.folder.rglob("*.publishing*"))
    assert not list(sample_copy.folder.rglob("*.writing"))


def test_load_and_failed_test_take_the_record_of_a_whole_build_away(sample_copy: Warehouse) -> None:
    """Though every published table still is as that build left it."""
    shutil.copy(sample_copy.working, sample_copy.folder / "kept.duckdb")
    sample_copy.execute("update intermediate.int_subject_links set match_status = 'odd' where subject_key < '2'")
    assert sample_copy.publish().exit_code == 0
    before = digest(sample_copy.published)
    assert sample_copy.dbt("test", "-s", "int_subject_links,test_type:generic").exit_code == 1
    failed = sample_copy.publish()
    shutil.copy(sample_copy.folder / "kept.duckdb", sample_copy.working)
    assert sample_copy.load("--recipients", str(SAMPLE / "recipient_lookup.csv")).exit_code == 0
    loaded = sample_copy.publish()
    for done in (failed, loaded):
        assert done.exit_code == 2
        assert "holds no whole build" in done.output
    assert digest(sample_copy.published) == before


def test_part_built_alike_leaves_the_record_and_one_built_otherwise_is_refused(sample_copy: Warehouse) -> None:
    assert sample_copy.dbt("run", "--full-refresh", "-s", "sbir_match_summary").exit_code == 0
    assert sample_copy.publish().exit_code == 0
    before = digest(sample_copy.published)
    sample_copy.execute("delete from intermediate.int_shown_candidates")
    built = sample_copy.dbt("run", "--full-refresh", "-s", "sbir_match_candidates")
    assert built.exit_code == 0, built.output
    done = sample_copy.publish()
    assert done.exit_code == 1
    assert "analytics.sbir_match_candidates is not as the last whole build left it" in done.output
    assert digest(sample_copy.published) == before


def test_verdicts_are_those_of_the_day(sample_copy: Warehouse) -> None:
    done = sample_copy.publish(SBIR_MIN_MATCH_RATE="0.5")
    assert done.exit_code == 0, done.output
    query = "select verdict, threshold from quality.gate_results where gate = 'match_rate'"
    assert sample_copy.query(query, published=True) == [("passed", 0.5)]
    assert sample_copy.publish().exit_code == 0
    assert sample_copy.query(query, published=True) == [("passed", 0.7)]


def test_green_retry_can_be_published(sample_copy: Warehouse) -> None:
    assert sample_copy.build(SBIR_MIN_MATCH_RATE="0.99").exit_code == 1
    done = sample_copy.publish()
    assert done.exit_code == 2
    assert "holds no whole build" in done.output
    retried = sample_copy.dbt("retry", SBIR_MIN_MATCH_RATE="0.6")
    assert retried.exit_code == 0, retried.output
    run = "select ended_at, performance_duration_seconds from observability.runs where run_id = "
    run += "(select max_by(run_id, started_at) from observability.runs where command = 'dbt build')"
    taken = sample_copy.query(run)
    done = sample_copy.publish(SBIR_MIN_MATCH_RATE="0.6")
    assert done.exit_code == 0, done.output
    assert sample_copy.query(run, published=True) == taken
    query = "select verdict, threshold from quality.gate_results where gate = 'match_rate'"
    assert sample_copy.query(query, published=True) == [("passed", 0.6)]


def test_retry_after_another_command_changed_its_tables_makes_nothing_whole(sample_copy: Warehouse) -> None:
    assert sample_copy.build(SBIR_MIN_MATCH_RATE="0.99").exit_code == 1
    shutil.copytree(sample_copy.folder / "target", sample_copy.folder / "kept")
    assert sample_copy.dbt("run", "-s", "stg_sbir__awards").exit_code == 0
    shutil.copy(sample_copy.folder / "kept/run_results.json", sample_copy.folder / "target/run_results.json")
    assert sample_copy.dbt("retry").exit_code == 0
    done = sample_copy.publish()
    assert done.exit_code == 2
    assert "holds no whole build" in done.output

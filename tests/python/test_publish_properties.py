"""Publishing under any tampering: what comes out is what a whole build left and gated, or nothing comes out."""

import hashlib
import shutil
from collections.abc import Iterator
from pathlib import Path

import click
import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from database.warehouse import connect
from publish import check_and_publish

AWARDS = 6
TABLES = (
    "enrichment.enriched_sbir_awards",
    "analytics.sbir_recipient_crosswalk",
    "quality.rpt_match_breakdown",
    "observability.loads",
)
# What may happen to a working file between its build and its publication.
TAMPERINGS = st.sampled_from(
    [
        "delete from {table} where rowid = {row}",
        "insert into {table} from {table} limit 1",
        "drop table {table}",
        "alter table {table} add column more integer default {row}",
        "update enrichment.enriched_sbir_awards set _usaspending_match_status = 'unmatched' where rowid = {row}",
        "update quality.rpt_match_breakdown set match_rate = {row}",
        "update enrichment.enriched_sbir_awards set firm_key = firm_key",
        "create table analytics.left_behind as select {row} as number",
        "drop table observability.whole_build",
        "checkpoint",
    ]
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with pytest.MonkeyPatch.context() as environment:
        path = tmp_path_factory.mktemp("published")
        environment.setenv("SBIR_WAREHOUSE_DIR", str(path))
        environment.setenv("SBIR_KEEP_VERSIONS", "1")
        yield path


def make_working_file(folder: Path) -> None:
    """A small working file, as a whole and gated build leaves it."""
    (folder / "build.duckdb").unlink(missing_ok=True)
    with connect() as connection:
        for schema in ("enrichment", "analytics", "quality", "observability"):
            connection.execute(f"create schema {schema}")
        connection.execute(
            f"""
            create table enrichment.enriched_sbir_awards as
            select range as award_key, 'f' || range as firm_key,
                case when range < 5 then 'matched' else 'unmatched' end as _usaspending_match_status,
                case when range < 5 then 'uei-exact' end as _usaspending_match_method
            from range({AWARDS});
            create table analytics.sbir_recipient_crosswalk as
            select firm_key, 'h' as usaspending_recipient_hash from enrichment.enriched_sbir_awards;
            create table quality.rpt_match_breakdown as select
                'total' as dimension, {AWARDS} as awards, 5 as matched_awards, 5 / {AWARDS} as match_rate;
            create table observability.loads as
            select 'awards' as input, 'a.csv' as file_name, 'x' as sha256, {AWARDS} as records_read,
                0 as rows_quarantined, true as is_current, false as is_sample;
            create table observability.fingerprints as select 'code' as node, 'x' as fingerprint;
            create macro observability.content_digest(table_name) as table
            select concat_ws(' ', count(*), bit_xor(hash(contents))) as content_digest
            from query_table(table_name) as contents
            """
        )
        connection.execute("create table observability.whole_build (table_name varchar, contents varchar)")
        for table in TABLES:
            connection.execute(
                "insert into observability.whole_build select $1, content_digest from observability.content_digest($1)",
                [table],
            )


def rows(path: Path, table: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(path), read_only=True) as connection:
        return connection.execute(f"from {table} order by all").fetchall()


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture(scope="module")
def built(folder: Path) -> dict[str, list[tuple[object, ...]]]:
    """What the build left, published once; the working file is kept aside as `whole.duckdb`."""
    make_working_file(folder)
    shutil.copy(folder / "build.duckdb", folder / "whole.duckdb")
    check_and_publish()
    return {table: rows(folder / "sbir.duckdb", table) for table in TABLES}


@settings(deadline=None)
@given(st.lists(st.tuples(TAMPERINGS, st.sampled_from(TABLES), st.integers(0, AWARDS)), min_size=1, max_size=3))
def test_whatever_is_done_to_the_working_file(
    folder: Path, built: dict[str, list[tuple[object, ...]]], tamperings: list[tuple[str, str, int]]
) -> None:
    shutil.copy(folder / "whole.duckdb", folder / "build.duckdb")
    published = folder / "sbir.duckdb"
    before = digest(published)
    with duckdb.connect(str(folder / "build.duckdb")) as connection:
        for statement, table, row in tamperings:
            try:
                connection.execute(statement.format(table=table, row=row))
            except duckdb.Error:
                continue
    try:
        check_and_publish()
    except (SystemExit, click.ClickException) as refusal:
        assert refusal.exit_code in (1, 2) if isinstance(refusal, click.ClickException) else refusal.code == 1
        assert digest(published) == before
    else:
        assert {table: rows(published, table) for table in TABLES} == built
        with duckdb.connect(str(published), read_only=True) as connection:
            left_behind = connection.execute("from duckdb_tables() where table_name = 'left_behind'").fetchall()
            assert left_behind == []

"""The normaliser on hostile names: no name is lost, and what comes out has one shape."""

import re
from collections.abc import Iterator

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import Warehouse

MODEL = "int_usaspending_company_names"
SHAPE = re.compile("[A-Z0-9]+( [A-Z0-9]+)*")
WORDS = st.sampled_from(
    [
        "Acme",
        "THE",
        "inc",
        "L.L.C.",
        "&",
        "+",
        "(NOT INC)",
        "(4084)",
        "DONE",
        "d/b/a",
        "FKA",
        "Größe",
        "Ltd",
        "ﬁrm",
        "ﷺ",
        "İ",
        "'; --",
        "{{ x }}",
    ]
)
names = st.one_of(
    st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=40),
    st.lists(WORDS, max_size=8).map(" ".join),
    st.text("ACO. LTD(&')", max_size=31),
)
plain_names = st.lists(
    st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", min_size=1, max_size=8), min_size=1, max_size=4
).map(" ".join)


class Normaliser:
    """The model of normalised names, run on any names."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, sql: str) -> None:
        self._connection = connection
        self._sql = sql

    def __call__(self, spellings: list[str]) -> dict[str, str | None]:
        table = "build.staging.stg_usaspending__recipients"
        self._connection.execute(f"delete from {table}")
        if spellings:
            self._connection.executemany(f"insert into {table} values (?, null)", [[name] for name in spellings])
        rows = self._connection.execute(f"select company_name, normalized_name from ({self._sql})").fetchall()
        assert len(rows) == len({name for name, _ in rows})
        return dict(rows)


@pytest.fixture(scope="module")
def normalise(built_sample: Warehouse) -> Iterator[Normaliser]:
    (compiled,) = built_sample.folder.glob(f"target/compiled/**/{MODEL}.sql")
    with duckdb.connect() as connection:
        connection.execute(f"attach ':memory:' as build; attach '{built_sample.working}' as sample (read_only)")
        connection.execute("create schema build.staging; create schema build.intermediate")
        for seed in ("legal_designators", "abbreviations", "special_recipients"):
            connection.execute(f"create table build.staging.{seed} as from sample.staging.{seed}")
        connection.execute(
            """
            create table build.staging.stg_usaspending__recipients (recipient_name varchar, parent_name varchar);
            create table build.staging.stg_usaspending__prime_awards (recipient_name varchar);
            create table build.intermediate.int_recipient_further_names (further_name varchar);
            create table build.intermediate.int_recipient_alternate_names (alternate_name varchar)
            """
        )
        yield Normaliser(connection, compiled.read_text())


@settings(deadline=None)
@given(st.lists(names, max_size=12))
def test_every_name_comes_out_once_in_one_shape(normalise: Normaliser, spellings: list[str]) -> None:
    found = normalise(spellings)
    assert set(found) == set(spellings)
    for name, normalised in found.items():
        assert normalised is None or SHAPE.fullmatch(normalised), name


@settings(deadline=None)
@given(plain_names, st.lists(names, max_size=6))
def test_name_of_words_is_never_lost_whatever_its_case_or_company(
    normalise: Normaliser, name: str, others: list[str]
) -> None:
    alone = normalise([name])[name]
    assert alone is not None
    together = normalise([name, name.lower(), *others])
    assert together[name] == together[name.lower()] == alone

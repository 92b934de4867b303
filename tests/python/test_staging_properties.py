"""Staging on hostile values: no build fails of them, no award is lost, and no value comes out that cannot be."""

import datetime
import re
from decimal import Decimal

import duckdb
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import Warehouse
from loading.layout import read_layout

LOADED_ON = datetime.date(2026, 11, 28)
PIECES = st.sampled_from(
    [
        *"&#;x_\"'=$,.()-/ +eE0123456789TZ",
        *(
            "&amp;",
            "&#55296;",
            "&#x1F600;",
            "&nbsp;",
            "_x000D_",
            "_xD800_",
            "â€",
            "Ã©",
            "Ã",
            "Â",
            "ï»¿",
            "1/15/21",
            "2/29/00",
        ),
        *("2021-01-15", "Jan", "12:00", "FY", "DUNS", "UEI", "\u00a0", "\u200b"),
    ]
)
values = st.one_of(
    st.lists(PIECES, max_size=8).map("".join),
    st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=30),
)


def stage(sql: str, texts: list[str]) -> list[dict[str, object]]:
    """Awards that have the same text in every column, staged."""
    with duckdb.connect(":memory:") as connection:
        connection.execute("attach ':memory:' as build; create schema build.raw; create schema build.staging")
        connection.execute("create table build.staging.agencies as select '' as agency_name, '' as agency_code")
        connection.execute("create table build.staging.states as select 'MA' as spelling, 'MA' as state_code")
        columns = [column.name for column in read_layout("awards")]
        connection.execute(
            "create table build.raw.awards as select row_number() over () as _row_number, ?::date as _loaded_on, "
            f"{', '.join(f'text as {column}' for column in columns)} from (select unnest(?::varchar[]) as text)",
            [LOADED_ON, texts],
        )
        staged = connection.execute(sql)
        names = [name for name, *_ in staged.description or ()]
        return [dict(zip(names, row, strict=True)) for row in staged.fetchall()]


@settings(max_examples=8)
@given(st.lists(values, min_size=50, max_size=200))
def test_hostile_values_come_out_possible_or_null(built_sample: Warehouse, texts: list[str]) -> None:
    (compiled,) = built_sample.folder.glob("target/compiled/*/models/staging/sbir/stg_sbir__awards.sql")
    rows = stage(compiled.read_text(encoding="utf-8"), texts)
    assert len(rows) == len(texts)
    for row in rows:
        assert row["award_date"] is None or 1950 <= row["award_date"].year <= 2027  # type: ignore[attr-defined]
        assert row["contract_end_date"] is None or 1950 <= row["contract_end_date"].year <= 2100  # type: ignore[attr-defined]
        assert row["award_year"] is None or 1950 <= int(str(row["award_year"])) <= 2027
        assert row["award_amount"] is None or isinstance(row["award_amount"], Decimal)
        assert re.fullmatch("[0-9]{9}", str(row["duns"] or "0" * 9))
        assert re.fullmatch("[0-9]{5}", str(row["zip5"] or "0" * 5))
        assert re.fullmatch("[A-HJ-NP-Z1-9][A-HJ-NP-Z0-9]{11}", str(row["uei"] or "A" * 12))
        name = row["company_name"]
        assert name is None or (name == str(name).strip() and name and not re.search("[\x00-\x1f\u200b]", str(name)))

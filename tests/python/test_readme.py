"""The README's queries run on the published sample and find something."""

import duckdb
import pytest

from conftest import PROJECT, Warehouse
from documented_queries import sql_blocks

QUERIES = sql_blocks(PROJECT / "README.md")


def test_there_are_five_queries() -> None:
    assert len(QUERIES) == 5


@pytest.mark.parametrize("query", QUERIES)
def test_query_finds_rows(built_sample: Warehouse, query: str) -> None:
    with duckdb.connect(str(built_sample.published), read_only=True) as connection:
        assert connection.execute(query).fetchall()

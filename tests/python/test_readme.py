"""The README's queries run on the published sample and find something."""

import re

import duckdb
import pytest
from conftest import PROJECT, Warehouse

QUERIES = re.findall(r"```sql\n(.*?)```", (PROJECT / "README.md").read_text(encoding="utf-8"), re.DOTALL)


def test_there_are_five_queries() -> None:
    assert len(QUERIES) == 5


@pytest.mark.parametrize("query", QUERIES)
def test_query_finds_rows(built_sample: Warehouse, query: str) -> None:
    with duckdb.connect(str(built_sample.published), read_only=True) as connection:
        assert connection.execute(query).fetchall()

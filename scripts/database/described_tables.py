"""The tables that scripts make, as the project describes them in the yml of a dbt source."""

from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import yaml

from database.warehouse import quoted

OBSERVABILITY = Path(__file__).parents[2] / "models" / "observability"


@cache
def described_tables(file: str) -> dict[str, dict[str, Any]]:
    """Read the tables of a source.

    Args:
        file: name of its yml in `models/observability`.

    Returns:
        By name: name, description, columns with name, data_type and description.
    """
    (source,) = yaml.safe_load((OBSERVABILITY / file).read_text(encoding="utf-8"))["sources"]
    return {table["name"]: table for table in source["tables"]}


def describe_table(connection: duckdb.DuckDBPyConnection, relation: str, table: dict[str, Any]) -> None:
    """Write the descriptions of a table and its columns into the database.

    Args:
        connection: that can write to it.
        relation: the table, with its schema.
        table: as `described_tables` gives it.
    """
    connection.execute(f"comment on table {relation} is {quoted(table['description'])}")
    for column in table["columns"]:
        connection.execute(f"comment on column {relation}.{column['name']} is {quoted(column['description'])}")

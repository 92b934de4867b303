"""Bring the records of a Parquet file into the temporary table `incoming`, as the text a CSV file would hold."""

from pathlib import Path

import duckdb

from database.warehouse import WarehouseError, first_line, quoted
from loading.layout import Binding, bind_header


def read_parquet(connection: duckdb.DuckDBPyConnection, file_name: str, path: Path, layout: str) -> tuple[Binding, int]:
    """Read the needed columns of a Parquet file into `incoming`, named by their positions as of a CSV file.

    Args:
        connection: open on the working file.
        file_name: what to call the file.
        path: the file.
        layout: the layout that binds its columns.

    Returns:
        How its columns bind, and the number of its records by its own metadata.

    Raises:
        WarehouseError: if it is damaged, or lacks a required column.
    """
    # Else a folder named like `state=MA` would replace what the file says of the state.
    source = f"read_parquet({quoted(path)}, binary_as_string = true, hive_partitioning = false)"
    try:
        described = [(str(row[0]), str(row[1])) for row in connection.execute(f"describe from {source}").fetchall()]
        binding = bind_header(layout, file_name, [header for header, _ in described])
        needed = sorted(binding.positions.values())
        texts = ", ".join(f"{as_text(*described[position])} as c{position}" for position in needed)
        connection.execute(f"create or replace temp table incoming as select {texts} from {source}")  # noqa: S608
        row = connection.execute(
            f"select sum(num_rows) from parquet_file_metadata({quoted(path)})"  # noqa: S608
        ).fetchone()
    except duckdb.OutOfMemoryException as error:
        raise WarehouseError(f"{file_name}: {first_line(error)}") from error
    except duckdb.Error as error:
        raise WarehouseError(f"{file_name}: cannot be read as Parquet: {first_line(error)}. Get it again") from error
    return binding, int(row[0]) if row and row[0] is not None else 0


def as_text(header: str, kind: str) -> str:
    """The SQL expression of a column as text as in the published CSV files.

    Flags are Y and N, lists as PostgreSQL's, times in UTC.

    Args:
        header: name of the column.
        kind: its type in DuckDB.
    """
    column = '"' + header.replace('"', '""') + '"'
    if kind == "BOOLEAN":
        return f"case {column} when true then 'Y' when false then 'N' end"
    if kind == "TIMESTAMP WITH TIME ZONE":  # else it were written in the time zone of this machine
        column = f"timezone('UTC', {column})"
    if kind.endswith("]"):
        item = "replace(replace(cast(item as varchar), '\\', '\\\\'), '\"', '\\\"')"
        items = f"list_transform({column}, lambda item : coalesce('\"' || {item} || '\"', 'NULL'))"
        return f"'{{' || array_to_string({items}, ',') || '}}'"
    return f"nullif(cast({column} as varchar), '')"

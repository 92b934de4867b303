"""What a published file holds, read to its end where it matters: every block has a checksum that reading compares."""

from pathlib import Path
from typing import Any

import duckdb

from database.project_macros import content_fingerprint
from database.warehouse import ENGINE_SETTINGS, confine, engine_limits, published_path
from publishing.versions import find_versions


def open_version(path: Path) -> duckdb.DuckDBPyConnection:
    """Open the file of a version for reading.

    Args:
        path: the file.

    Raises:
        duckdb.Error: if it cannot be read.
    """
    connection = duckdb.connect(path, read_only=True, config={**engine_limits(), **ENGINE_SETTINGS})
    confine(connection, [path.absolute().parent])
    return connection


def describe_version(path: Path) -> dict[str, Any]:
    """What a version says of itself.

    Args:
        path: its file.

    Returns:
        version, published_at, awards, match_rate, sources and is_sample.

    Raises:
        duckdb.Error: if it cannot be read or does not say.
    """
    with open_version(path) as connection:
        found = connection.execute(
            "select version, published_at, awards, match_rate, sources, (select coalesce(bool_or(is_sample), false) "
            "from observability.loads where is_current) as is_sample from observability.publication"
        )
        names = [name for name, *_ in found.description or ()]
        row = found.fetchone()
    if row is None or None in row:
        raise duckdb.InvalidInputException("observability.publication does not say what the file holds")
    return dict(zip(names, row, strict=True))


def read_contents(path: Path) -> dict[str, str]:
    """Read every table of a version to its end.

    Args:
        path: its file.

    Returns:
        Digest of the rows of each table, whatever their order, by name with schema.

    Raises:
        duckdb.Error: if one cannot be read.
    """
    with open_version(path) as connection:
        tables = connection.execute(
            "select schema_name || '.' || table_name from duckdb_tables() where database_name = current_database()"
        ).fetchall()
        return {table: str(connection.execute(content_fingerprint(table)).fetchall()[0][0]) for (table,) in tables}


def is_real_data_published() -> bool | None:
    """Whether what is published is more than the sample, by the newest file that can be read.

    Returns:
        None where nothing is published, or no published file can be read.
    """
    for path in (published_path(), *(version.file for version in reversed(find_versions()))):
        if path.exists():
            try:
                return not describe_version(path)["is_sample"]
            except duckdb.Error:
                continue
    return None

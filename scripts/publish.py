"""Publish the working file: check it, copy what analysts read into a fresh file, swap it in by one rename.

Readers that have the published file open keep the old one until they reopen it; a refusal or a
crash leaves it as it is. Exit codes: 0 published, 1 a gate fails or the tables do not agree,
2 could not publish.
"""

import sys
from pathlib import Path

import click
import duckdb
from publish_checks import find_disagreements, find_failed_gates, find_missing_tables
from rich.console import Console
from rich.table import Table

from warehouse import WarehouseError, connect, first_line, published_path, quoted, working_path

PUBLISHED_SCHEMAS = ("enrichment", "analytics", "quality", "observability")
# The oldest storage version that DuckDB 2.0 writes and tools since 1.2 read.
STORAGE_VERSION = "v1.2.0"
CROSSWALK_FILE = "sbir_recipient_crosswalk.parquet"


def copy_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """Copy every table of the published schemas, with its comments, into the attached database `published`.

    Args:
        connection: open on the working file, with the fresh file attached as `published`.
    """
    tables = connection.execute(
        """
        select schema_name, table_name, comment from duckdb_tables()
        where database_name = current_database() and list_contains(?, schema_name)
        order by schema_name, table_name
        """,
        [list(PUBLISHED_SCHEMAS)],
    ).fetchall()
    for schema, table, comment in tables:
        connection.execute(f"create schema if not exists published.{schema}")
        connection.execute(f"create table published.{schema}.{table} as from {schema}.{table}")
        if comment:
            connection.execute(f"comment on table published.{schema}.{table} is {quoted(comment)}")
        for column, text in connection.execute(
            """
            select column_name, comment from duckdb_columns()
            where database_name = current_database() and schema_name = ? and table_name = ?
            and comment is not null
            """,
            [schema, table],
        ).fetchall():
            connection.execute(f'comment on column published.{schema}.{table}."{column}" is {quoted(text)}')


def record_publication(connection: duckdb.DuckDBPyConnection) -> None:
    """Write `observability.publication` into the published file: one row that says which run it is."""
    connection.execute(
        """
        create table published.observability.publication as
        select
            cast(date_trunc('second', now()) as timestamp) as published_at,
            awards,
            matched_awards,
            match_rate,
            (
                select string_agg(file_name, ', ' order by input)
                from observability.loads where is_current
            ) as sources,
            (
                select string_agg(file_name || ' ' || sha256, ', ' order by input)
                from observability.loads where is_current
            ) as inputs
        from quality.rpt_match_breakdown
        where dimension = 'total'
        """
    )
    connection.execute(
        "comment on table published.observability.publication is "
        "'Which run this file holds: when it was published, its size, match rate and inputs. One row.'"
    )


def write_published_file(connection: duckdb.DuckDBPyConnection, target: Path) -> None:
    """Fill a fresh file beside the target and rename it over the target; likewise the crosswalk as Parquet.

    Args:
        connection: open on the working file.
        target: path of the published file.

    Raises:
        WarehouseError: if the folder cannot be written.
    """
    fresh = target.with_name(f"{target.name}.publishing")
    fresh_crosswalk = target.with_name(f"{CROSSWALK_FILE}.publishing")
    try:
        for leftover in (fresh, fresh.with_name(f"{fresh.name}.wal"), fresh_crosswalk):
            leftover.unlink(missing_ok=True)
        connection.execute(f"attach {quoted(fresh)} as published (storage_version {quoted(STORAGE_VERSION)})")
        copy_tables(connection)
        record_publication(connection)
        connection.execute(
            "copy (from analytics.sbir_recipient_crosswalk order by firm_key, usaspending_recipient_hash) "
            f"to {quoted(fresh_crosswalk)} (format parquet)"
        )
        connection.execute("detach published")
        for path in (fresh, fresh_crosswalk):
            path.chmod(0o440)
        fresh.replace(target)
        fresh_crosswalk.replace(target.with_name(CROSSWALK_FILE))
    except (OSError, duckdb.IOException, duckdb.OutOfMemoryException) as error:
        reason = first_line(error) if isinstance(error, duckdb.Error) else error
        raise WarehouseError(f"Cannot write {target}: {reason}. The file published before is untouched.") from error


def print_summary(connection: duckdb.DuckDBPyConnection, target: Path) -> None:
    """Print what was published: the inputs, the awards by status and method, and how to open the file."""
    console = Console()
    table = Table(title=f"Published {target}")
    table.add_column("awards")
    table.add_column("number", justify="right")
    table.add_column("share", justify="right")
    rows = connection.execute(
        """
        select
            _usaspending_match_status || coalesce(' by ' || _usaspending_match_method, '') as label,
            count(*) as awards,
            count(*) / sum(count(*)) over () as share
        from enrichment.enriched_sbir_awards
        group by _usaspending_match_status, label
        order by _usaspending_match_status <> 'matched', awards desc
        """
    ).fetchall()
    for label, awards, share in rows:
        table.add_row(label, f"{awards:,}", f"{share:.1%}")
    console.print(table)
    for name, read, quarantined in connection.execute(
        "select file_name, records_read, rows_quarantined from observability.loads where is_current order by input"
    ).fetchall():
        console.print(f"From {name}: {read:,} records, {quarantined:,} quarantined", highlight=False, soft_wrap=True)
    console.print(
        f"Open it with: duckdb -readonly {target} — or in Python: duckdb.connect('{target}', read_only=True)\n"  # noqa: S608
        "Start with: select * from enrichment.enriched_sbir_awards limit 10",
        highlight=False,
        soft_wrap=True,
    )


def check_and_publish(working: Path, target: Path) -> None:
    """Publish the working file, or say why not and exit with code 1.

    Args:
        working: path of the working file.
        target: path of the published file.

    Raises:
        WarehouseError: if the working file is not whole, or the folder cannot be written.
    """
    with connect(read_only=True) as connection:
        if missing := find_missing_tables(connection):
            raise WarehouseError(
                f"Not published: {working} is not whole, it lacks {', '.join(missing)}. Run: make build"
            )
        refusals = find_failed_gates(connection) or find_disagreements(connection)
        if refusals:
            for refusal in refusals:
                click.echo(f"Not published: {refusal}", err=True)
            click.echo(f"{target} is untouched.", err=True)
            sys.exit(1)
        write_published_file(connection, target)
        print_summary(connection, target)


@click.command()
def main() -> None:
    """Publish the working file to sbir.duckdb, if every gate holds on it as it stands."""
    working, target = working_path(), published_path()
    if not working.exists():
        raise WarehouseError(f"There is no {working}. Make it with: make build")
    try:
        check_and_publish(working, target)
    except duckdb.OutOfMemoryException as error:
        raise WarehouseError(f"Not published: {first_line(error)}") from error


if __name__ == "__main__":
    main()

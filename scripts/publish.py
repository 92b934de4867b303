"""Publish the working file: check it, copy what analysts read into a new version, swap it in by one rename.

Readers that have the published file open keep the old one until they reopen it; a refusal or a
crash leaves it as it is. Exit codes: 0 published, 1 a gate fails or the tables do not agree,
2 could not publish.
"""

import os
import shutil
import sys
from collections.abc import Sequence

import click
import duckdb

from building.summary import print_published
from database.described_tables import describe_table, described_tables
from database.lock import BUILDER, hold_warehouse
from database.warehouse import WarehouseError, connect, first_line, published_path, quoted, working_path
from interface.accepted_change import accept_change, accepted_change
from interface.command_line import run_command
from interface.file_modes import masked
from publishing.checks import (
    BOOKKEEPING,
    built_tables,
    find_changed_tables,
    find_failed_gates,
    holds_sample,
    is_unchanged,
    record_gates,
    run_history_tables,
)
from publishing.contents import is_real_data_published
from publishing.versions import (
    CROSSWALK_FILE,
    Version,
    adopt_published_file,
    check_places,
    finish_switch,
    kept_versions,
    next_version,
    published_version,
    remove_old_versions,
    remove_unfinished,
    switch_to,
)
from recording.recorder import guarded, note_publication, now, published_run
from recording.run_history import timestamp

# The oldest storage version that DuckDB 2.0 writes and tools since 1.2 read.
STORAGE_VERSION = "v1.2.0"


def copy_tables(connection: duckdb.DuckDBPyConnection, tables: Sequence[str]) -> None:
    """Copy tables, with their comments, into the attached database `published`.

    Args:
        connection: open on the working file, with the fresh file attached as `published`.
        tables: their names with schema.
    """
    comments = dict(
        connection.execute(
            "select schema_name || '.' || table_name, comment from duckdb_tables() "
            "where database_name = current_database()"
        ).fetchall()
    )
    for table in tables:
        connection.execute(f"create schema if not exists published.{table.split('.')[0]}")
        connection.execute(f"create table published.{table} as from {table}")
        if comments.get(table):
            connection.execute(f"comment on table published.{table} is {quoted(comments[table])}")
        for column, text in connection.execute(
            """
            select column_name, comment from duckdb_columns()
            where database_name = current_database() and schema_name || '.' || table_name = ? and comment is not null
            """,
            [table],
        ).fetchall():
            connection.execute(f'comment on column published.{table}."{column}" is {quoted(text)}')


def record_publication(connection: duckdb.DuckDBPyConnection, version: Version) -> None:
    """Write `observability.publication` into the published file: one row that says which run it is."""
    connection.execute(
        f"""
        create table published.observability.publication as
        select
            {version.number} as version,
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
            ) as inputs,
            cast(? as varchar) as accepted_change,
            (
                select coalesce(bool_or(is_sample), false)
                from observability.loads where is_current
            ) as is_sample
        from quality.rpt_match_breakdown
        where dimension = 'total'
        """,  # noqa: S608
        [accepted_change()],
    )
    publication = described_tables("_bookkeeping__sources.yml")["publication"]
    describe_table(connection, "published.observability.publication", publication)


def name_published_run(connection: duckdb.DuckDBPyConnection, version: Version) -> None:
    """Say in the published file which run made it, where it has runs: its row there is not changed any more."""
    run = published_run()
    if run and run_history_tables(connection):
        connection.execute(
            """
            update published.observability.runs
            set
                published_version = $version,
                -- A run that is at work still ends with this; one that ended before keeps its times.
                ended_at = if(status = 'running', $now, ended_at),
                performance_duration_seconds = if(
                    status = 'running', epoch($now::timestamp - started_at), performance_duration_seconds
                ),
                -- Noted since the tables of the history were written.
                dbt_seconds = $dbt_seconds,
                performance_records_per_second = awards / $dbt_seconds,
                status = 'success'
            where run_id = $run_id
            """,
            {
                "version": version.number,
                "now": timestamp(now()),
                "dbt_seconds": run["runs"][0].get("dbt_seconds"),
                "run_id": run["runs"][0]["run_id"],
            },
        )


def write_version(connection: duckdb.DuckDBPyConnection, tables: Sequence[str], version: Version) -> None:
    """Write the files of a version; its folder is there only once they are whole.

    Args:
        connection: open on the working file.
        tables: what to publish, names with schema.
        version: number and folder of the version.

    Raises:
        OSError, duckdb.Error: if it cannot be written.
    """
    unfinished = version.folder.with_suffix(".writing")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    file, crosswalk = unfinished / version.file.name, unfinished / CROSSWALK_FILE
    connection.execute(f"attach {quoted(file)} as published (storage_version {quoted(STORAGE_VERSION)})")
    copy_tables(connection, tables)
    record_publication(connection, version)
    name_published_run(connection, version)
    connection.execute(
        "copy (from analytics.sbir_recipient_crosswalk order by firm_key, usaspending_recipient_hash) "
        f"to {quoted(crosswalk)} (format parquet)"
    )
    # What a checkpoint within detaching fails of is not told.
    connection.execute("checkpoint published; detach published")
    for path in (file, crosswalk):
        path.chmod(masked(0o440))
    unfinished.rename(version.folder)


def refuse_if(refusals: Sequence[str]) -> None:
    """Say why nothing is published and exit with code 1, where there is a reason."""
    if refusals:
        for refusal in refusals:
            click.echo(f"Not published: {refusal}", err=True)
        click.echo(f"{published_path()} is untouched.", err=True)
        sys.exit(1)


def ask_gates() -> None:
    """Exit with code 1 where a gate fails, by the settings of this command, else record the verdicts.

    A build has just done both.

    Raises:
        WarehouseError: if the working file is not whole, or the gates cannot be asked.
    """
    if os.environ.get(BUILDER):
        return
    with connect(read_only=True) as connection:
        # Sooner told than the gates.
        built_tables(connection)
    refuse_if(find_failed_gates())
    record_gates()


def check_and_publish() -> bool:
    """Publish the working file, or say why not and exit with code 1.

    Returns:
        Whether there is a new version; otherwise the published one holds the same rows already.

    Raises:
        WarehouseError: if the working file is not whole, or the folder cannot be written.
    """
    target = published_path()
    keep = kept_versions()
    check_places()
    with connect(read_only=True) as connection:
        tables = built_tables(connection)
        refuse_if(find_changed_tables(connection))
        if holds_sample(connection) and is_real_data_published():
            raise WarehouseError(
                f"Not published: {working_path()} holds the invented sample, which never replaces the real data in "
                f"{target}. Load your files: make build AWARDS=… RECIPIENTS=…"
            )
        try:
            adopt_published_file()
            published = published_version()
            if published and is_unchanged(connection, tables):
                finish_switch()
                click.echo(f"Unchanged, still version {published.number}: it holds the same rows.")
                return False
            version = next_version()
            write_version(connection, [*tables, *BOOKKEEPING, *run_history_tables(connection)], version)
            switch_to(version)
            guarded(lambda: note_publication(version.number))
        except (OSError, duckdb.Error) as error:
            # On a full disk what cannot be used is in the way.
            remove_unfinished()
            raise WarehouseError(
                f"Cannot write {target}: {first_line(error)}. The file published before is untouched"
            ) from error
        try:
            remove_old_versions(keep)
        except OSError as error:
            click.echo(f"Old versions are still there, to be removed by hand: {first_line(error)}", err=True)
    return True


@click.command()
@accept_change
def main() -> None:
    """Publish the working file to sbir.duckdb, if every gate holds on it as it stands, and sum up what is published."""
    if not working_path().exists():
        raise WarehouseError(f"There is no {working_path()}. Make it with: make build")
    with hold_warehouse("publish"):
        try:
            ask_gates()
            is_new = check_and_publish()
        except duckdb.OutOfMemoryException as error:
            raise WarehouseError(f"Not published: {first_line(error)}") from error
        if not os.environ.get(BUILDER):
            # A build sums up itself, at its end.
            print_published(is_unchanged=not is_new)


if __name__ == "__main__":
    run_command(main)

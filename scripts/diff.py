"""Tell which links two published versions have differently, and why: totals, the largest changes, and all as CSV.

Exit codes: 0 told, 2 there is no such version, or it cannot be compared.
"""

from pathlib import Path

import click
import duckdb
from rich.console import Console

from database.warehouse import ENGINE_SETTINGS, WarehouseError, confine, engine_limits, first_line
from interface.command_line import run_command
from interface.printed_tables import make_console, print_table
from interface.spreadsheet_cells import csv_line, harmless
from publishing.link_changes import AFTER, BEFORE, attach_version, comparison
from publishing.versions import Version, find_versions, published_version, versions_folder
from reviewing.match_decisions import write_atomically
from reviewing.screen import short_dollars

REPORTS = Path("reports/changes")
# Changes that are printed, those of the largest awards.
SHOWN_CHANGES = 15
DOLLARS = "coalesce(sum(award_amount), 0)"


def choose_versions(before: int | None, after: int | None) -> tuple[Version, Version]:
    """The versions to compare: the ones asked for, else the published one and the one before it.

    Raises:
        WarehouseError: if there is none such.
    """
    versions = {version.number: version for version in find_versions()}
    kept = ", ".join(map(str, versions)) or "none"
    if after is None:
        published = published_version()
        if published is None:
            raise WarehouseError(f"None of the versions that are kept ({kept}) is published. Say which: TO=number")
        after = published.number
    if before is None:
        earlier = [number for number in versions if number < after]
        if not earlier:
            raise WarehouseError(
                f"There is no version before {after} to compare with; kept are: {kept}. "
                "SBIR_KEEP_VERSIONS says how many a publication keeps"
            )
        before = max(earlier)
    for number in (before, after):
        if number not in versions:
            raise WarehouseError(f"There is no version {number}; kept are: {kept}. make versions lists them")
    if before == after:
        raise WarehouseError(f"Version {before} is the same as itself. Name two of: {kept}")
    return versions[before], versions[after]


def read_changes(before: Version, after: Version) -> duckdb.DuckDBPyConnection:
    """A connection with the table `changes`: every link that the later version has otherwise.

    Args:
        before: the earlier version.
        after: the later one.

    Raises:
        WarehouseError: if one cannot be read, or was published before it recorded what is compared.
    """
    connection = duckdb.connect(config={**engine_limits(), **ENGINE_SETTINGS})
    for name, version in ((BEFORE, before), (AFTER, after)):
        try:
            attach_version(connection, version.file, name)
        except duckdb.Error as error:
            raise WarehouseError(f"{version.file} cannot be read: {first_line(error)}. Take another version") from error
    confine(connection, [versions_folder()])
    try:
        connection.execute(f"create temp table changes as {comparison()}")
    except (duckdb.CatalogException, duckdb.BinderException) as error:
        raise WarehouseError(
            f"Version {before.number} or {after.number} was published before versions recorded what is compared "
            f"({first_line(error)}). Compare with a later one"
        ) from error
    return connection


def write_changes(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Write all changes as CSV, largest awards first.

    Args:
        connection: of `read_changes`.
        path: the file; its folder is made.

    Raises:
        WarehouseError: if it cannot be written.
    """
    cursor = connection.execute("from changes order by award_amount desc nulls last, award_key")
    header = [column[0] for column in cursor.description or []]
    rows = [["" if value is None else str(value) for value in row] for row in cursor.fetchall()]
    path.parent.mkdir(parents=True, exist_ok=True)
    # Excel reads a file as UTF-8 only where it begins with a byte order mark.
    lines = [csv_line(header), *(csv_line(map(harmless, row)) for row in rows)]
    write_atomically(path, "\ufeff" + "".join(lines))


def print_changes(connection: duckdb.DuckDBPyConnection, console: Console) -> None:
    """Print the totals by change and reason and by agency, and the changes of the largest awards.

    Args:
        connection: of `read_changes`.
        console: where to.
    """
    for title, columns in (("Links by reason", ("change", "reason")), ("Links by agency", ("agency", "change"))):
        rows = connection.execute(
            f"""
            select {", ".join(f"coalesce({column}, '(none)')" for column in columns)}, count(*), {DOLLARS}
            from changes group by all order by 4 desc, 1, 2
            """  # noqa: S608
        ).fetchall()
        cells = [(*row[:3], short_dollars(row[3])) for row in rows]
        print_table(console, title, [*columns, "awards", "dollars"], cells, texts=2)
    largest = connection.execute(
        """
        select
            change, reason, company_name, recipient_name_before, recipient_name_after, coalesce(award_amount, 0)
        from changes order by award_amount desc nulls last, award_key limit ?
        """,
        [SHOWN_CHANGES],
    ).fetchall()
    print_table(
        console,
        "The largest",
        ["change", "reason", "company", "recipient before", "recipient after", "dollars"],
        [(*row[:5], short_dollars(row[5])) for row in largest],
        texts=5,
    )


@click.command()
@click.option(
    "--from", "before", type=click.IntRange(min=1), help="Number of the earlier version; by default the last."
)
@click.option(
    "--to", "after", type=click.IntRange(min=1), help="Number of the later one; by default the published one."
)
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The file to write  [default: reports/changes/<from>-<to>.csv]",
)
def main(before: int | None, after: int | None, output: Path | None) -> None:
    """Tell which links a version has otherwise than one before it, and why."""
    earlier, later = choose_versions(before, after)
    path = output or REPORTS / f"{earlier.number}-{later.number}.csv"
    console = make_console()
    with read_changes(earlier, later) as connection:
        ((count,),) = connection.execute("select count(*) from changes").fetchall()
        if count:
            print_changes(connection, console)
        write_changes(connection, path)
    click.echo(f"From version {earlier.number} to {later.number}: {count:,} links changed. All are in {path}")


if __name__ == "__main__":
    run_command(main)

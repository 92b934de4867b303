"""Publish a version that was published before, in one rename; the working file is left as it is.

Exit codes: 0 published, 2 there is no such version, or it could not be published.
"""

import click
import duckdb
from rich.console import Console
from rich.table import Table
from rich.text import Text

from database.lock import hold_warehouse
from database.warehouse import WarehouseError, confine, first_line, published_path
from interface.command_line import run_command
from interface.terminal_text import visible
from publishing.versions import Version, find_versions, published_version, switch_to


def describe(version: Version) -> tuple[str, ...]:
    """What a version holds: when it was published, its awards, match rate and sources.

    Raises:
        WarehouseError: if its file cannot be read.
    """
    try:
        with duckdb.connect(str(version.file), read_only=True) as connection:
            confine(connection, [version.folder])
            row = connection.execute(
                "select published_at, awards, match_rate, sources from observability.publication"
            ).fetchone()
    except duckdb.Error as error:
        raise WarehouseError(f"{version.file} cannot be read: {first_line(error)}. Take another version") from error
    if row is None:
        raise WarehouseError(f"{version.file} does not say what it holds. Take another version")
    return str(row[0]), f"{row[1]:,}", f"{row[2]:.1%}", str(row[3])


def choose_version(number: int | None) -> Version:
    """The version to publish: the one asked for, else the one before what is published.

    Raises:
        WarehouseError: if there is none.
    """
    versions = {version.number: version for version in find_versions()}
    published = published_version()
    kept = ", ".join(map(str, versions)) or "none"
    if number is None:
        before = [each for each in versions if published is None or each < published.number]
        if not before:
            raise WarehouseError(
                f"There is no version before the published one; kept are: {kept}. "
                "SBIR_KEEP_VERSIONS says how many a publication keeps"
            )
        number = max(before)
    if number not in versions:
        raise WarehouseError(f"There is no version {number}; kept are: {kept}")
    return versions[number]


@click.command()
@click.option("--to", "number", type=click.IntRange(min=1), help="Number of the version; by default the one before.")
@click.option("--list", "is_list", is_flag=True, help="List the versions that are kept, and change nothing.")
def main(number: int | None, is_list: bool) -> None:
    """Publish a version that was published before."""
    if is_list:
        published = published_version()
        table = Table("version", "published (UTC)", "awards", "matched", "sources", "")
        for version in find_versions():
            cells = (version.number, *describe(version), "now" if version == published else "")
            table.add_row(*(Text(visible(cell)) for cell in cells))
        Console().print(table)
        return
    with hold_warehouse("rollback"):
        version = choose_version(number)
        published_at, awards, match_rate, _ = describe(version)
        switch_to(version)
    click.echo(
        f"{published_path()} is version {version.number} again, published at {published_at} UTC: {awards} awards, "
        f"{match_rate} matched"
    )


if __name__ == "__main__":
    run_command(main)

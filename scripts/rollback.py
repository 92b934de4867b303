"""Publish a version that was published before, in one rename; the working file is left as it is.

Exit codes: 0 published, 2 there is no such version, or it could not be published.
"""

from typing import Any

import click
import duckdb

from database.lock import hold_warehouse
from database.warehouse import WarehouseError, first_line, published_path, quoted
from interface.command_line import run_command
from interface.printed_tables import make_console, print_table, share
from publishing.contents import describe_version, open_version, read_contents
from publishing.versions import (
    CROSSWALK_FILE,
    Version,
    check_places,
    find_versions,
    published_version,
    switch_to,
)


def read_whole(version: Version) -> dict[str, Any]:
    """Read a version to its end, and say what it holds.

    Raises:
        WarehouseError: if a table or file of it cannot be read.
    """
    try:
        read_contents(version.file)
        if (crosswalk := version.folder.absolute() / CROSSWALK_FILE).exists():
            with open_version(version.file) as connection:
                connection.execute(f"select bit_xor(hash(contents)) from {quoted(crosswalk)} as contents")  # noqa: S608
        return describe_version(version.file)
    except duckdb.Error as error:
        raise WarehouseError(
            f"Version {version.number} cannot be read: {first_line(error)}. {published_path()} is untouched. "
            "Take another version; make versions lists them"
        ) from error


def list_versions() -> None:
    """Print the versions that are kept; one that cannot be read hides no other."""
    published = published_version()
    rows: list[tuple[Any, ...]] = []
    for version in find_versions():
        now = "now" if version == published else ""
        try:
            held = read_whole(version)
        except WarehouseError:
            rows.append(("unreadable", version.number, None, None, None, now))
            continue
        what = f"{'SAMPLE: ' if held['is_sample'] else ''}{held['sources']}"
        rows.append((what, version.number, held["published_at"], held["awards"], share(held["match_rate"]), now))
    headers = ["sources", "version", "published (UTC)", "awards", "matched", ""]
    print_table(make_console(), "Versions that are kept", headers, rows, texts=1)


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
        list_versions()
        return
    with hold_warehouse("rollback"):
        check_places()
        version = choose_version(number)
        held = read_whole(version)
        switch_to(version)
    click.echo(
        f"{published_path()} is version {version.number} again, published at {held['published_at']} UTC: "
        f"{held['awards']:,} awards, {share(held['match_rate'])} matched"
        f"{'. SAMPLE: the awards are invented' if held['is_sample'] else ''}"
    )


if __name__ == "__main__":
    run_command(main)

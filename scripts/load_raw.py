"""Load raw SBIR and USAspending files into the working file, with every record accounted for.

Everything happens in one transaction: a load that fails leaves the tables as they were. Exit codes:
0 loaded, 2 could not load.
"""

import os
from pathlib import Path

import click
import duckdb
from command_line import run_command
from load_layout import INPUTS
from load_tables import Loaded, count, empty_table, load_file, make_tables
from loaded_files import note_loaded_files
from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)
from warehouse_lock import hold_warehouse

from warehouse import WarehouseError, connect, first_line

SAMPLE = Path(__file__).parents[1] / "data" / "sample"
SAMPLE_FILES = {
    "awards": SAMPLE / "award_data.csv",
    "recipients": SAMPLE / "recipient_lookup.csv",
    "prime_awards": SAMPLE / "prime_award_summaries.csv",
}


def check_file(path: Path) -> None:
    """Refuse a path that is no readable file.

    Raises:
        WarehouseError: with what is wrong and what to do.
    """
    if path.is_dir():
        raise WarehouseError(f"{path} is a folder. Give the file in it")
    if not path.exists():
        raise WarehouseError(f"{path} is not there. Check the path")
    if not os.access(path, os.R_OK):
        raise WarehouseError(f"{path} cannot be read. Check its permissions")


def clear_sample(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Empty the tables that hold the sample, so that it never mixes with a user's files.

    Returns:
        Names of the emptied inputs.
    """
    names = [
        row[0]
        for row in connection.execute(
            "select input from raw.load_history where is_current and is_sample order by input"
        ).fetchall()
    ]
    for name in names:
        empty_table(connection, name)
    return names


def load_all(connection: duckdb.DuckDBPyConnection, files: dict[str, Path], *, is_sample: bool) -> list[Loaded]:
    """Load files into their raw tables in one transaction, showing progress in a terminal.

    Args:
        connection: open on the working file.
        files: path of each input to load.
        is_sample: whether they are the committed sample.

    Returns:
        What became of each file.

    Raises:
        WarehouseError: if one cannot be loaded; nothing is changed then.
    """
    console = Console(stderr=True)
    progress = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TimeElapsedColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
    connection.execute("begin")
    try:
        make_tables(connection)
        if not is_sample:
            clear_sample(connection)
        loaded = []
        with progress:
            for name, path in files.items():
                # Compressed files grow while they are read: their end is known only then.
                total = None if path.suffix == ".gz" else path.stat().st_size
                task = progress.add_task(f"loading {name}", total=total)

                def advance(done: int, task: TaskID = task) -> None:
                    progress.advance(task, done)

                loaded.append(load_file(connection, name, path, advance, is_sample=is_sample))
        connection.execute("commit")
    except BaseException:
        connection.execute("rollback")
        raise
    return loaded


def report(loaded: list[Loaded]) -> None:
    """Print a line per file, and what a user should know of it."""
    for file in loaded:
        click.echo(
            f"{file.name}: {file.rows:,} rows from {file.file_name} "
            f"({file.quarantined:,} quarantined) in {file.seconds:.1f} s"
        )
        for note in file.notes:
            click.echo(f"  {note}")
        if file.quarantined:
            click.echo(f"  see them with: select * from quarantine.{file.name}")  # noqa: S608
        if file.rows == 0:
            click.echo(f"  warning: {file.file_name} holds no records")


@click.command()
@click.option("--awards", type=click.Path(path_type=Path), help="SBIR.gov award data.")
@click.option("--recipients", type=click.Path(path_type=Path), help="USAspending recipient_lookup.")
@click.option("--prime-awards", type=click.Path(path_type=Path), help="USAspending prime awards.")
@click.option("--sample", is_flag=True, help="Without files: the sample, where nothing is loaded.")
def main(awards: Path | None, recipients: Path | None, prime_awards: Path | None, sample: bool) -> None:
    """Load files (CSV, CSV.gz or Parquet) into warehouse/build.duckdb.

    A file replaces its table; the tables of files not given stay, unless they hold the sample.
    """
    given = dict(zip(INPUTS, (awards, recipients, prime_awards), strict=True))
    files = {name: path for name, path in given.items() if path is not None}
    if not files and not sample:
        raise click.UsageError("Give --awards, --recipients or --prime-awards, or --sample")
    for path in files.values():
        check_file(path)
    with hold_warehouse("load"), connect(reach=[SAMPLE, *(path.parent for path in files.values())]) as connection:
        if not files:
            make_tables(connection)
            rows = {name: count(connection, f"raw.{name}") for name in INPUTS}
            if any(rows.values()):
                there = ", ".join(f"{number:,} {name}" for name, number in rows.items())
                click.echo(f"Loaded already, and kept: {there}. Others: AWARDS=…, RECIPIENTS=…, PRIME_AWARDS=…")
                return
        try:
            loaded = load_all(connection, files or SAMPLE_FILES, is_sample=not files)
        except (OSError, duckdb.Error) as error:
            raise WarehouseError(f"Nothing was loaded: {first_line(error)}") from error
    note_loaded_files(files, is_sample=not files)
    report(loaded)


if __name__ == "__main__":
    run_command(main)

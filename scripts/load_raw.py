"""Load raw SBIR and USAspending files into the working file, with every record accounted for.

Everything happens in one transaction: a load that fails leaves the tables as they were. Exit codes:
0 loaded, 2 could not load.
"""

import contextlib
import csv
import shutil
from collections.abc import Collection, Mapping
from pathlib import Path

import click
import duckdb
from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)

from database.lock import hold_warehouse
from database.warehouse import WarehouseError, connect, first_line, published_path, warehouse_folder
from interface.command_line import run_command
from interface.terminal_text import visible
from loading.forms import Source, find_source
from loading.layout import INPUTS
from loading.loaded_files import RECORD, LoadedFile, loaded_files, note_loaded_files
from loading.tables import Loaded, changed_inputs, count, empty_table, load_file, make_tables
from publishing.contents import is_real_data_published
from recording.recorder import recorded

# Unreadable paths are told in the project's own words.
PATH = click.Path(path_type=Path, readable=False)
SAMPLE = Path(__file__).parents[1] / "data" / "sample"
SAMPLE_FILES = {
    "awards": SAMPLE / "award_data.csv",
    "recipients": SAMPLE / "recipient_lookup.csv",
    "prime_awards": SAMPLE / "prime_award_summaries.csv",
}


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


def load_all(
    connection: duckdb.DuckDBPyConnection, files: dict[str, Path], sources: dict[str, Source], *, is_sample: bool
) -> list[Loaded]:
    """Load files into their raw tables in one transaction, showing progress in a terminal.

    Args:
        connection: open on the working file.
        files: path of each input to load.
        sources: what each path holds.
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
    # Beside the working file, where a killed load leaves nothing for long.
    scratch = warehouse_folder() / "unpacked"
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir()
    connection.execute("begin")
    try:
        make_tables(connection)
        if not is_sample:
            clear_sample(connection)
        loaded = []
        with progress:
            for name, path in files.items():
                task = progress.add_task(f"loading {name}", total=sources[name].file_bytes)

                def advance(done: int, task: TaskID = task) -> None:
                    progress.advance(task, done)

                loaded.append(
                    load_file(
                        connection, name, path, advance, is_sample=is_sample, source=sources[name], scratch=scratch
                    )
                )
        connection.execute("commit")
    except BaseException:
        # A commit that failed, on a full disk say, has rolled back by itself.
        with contextlib.suppress(duckdb.TransactionException):
            connection.execute("rollback")
        raise
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return loaded


def report(loaded: list[Loaded]) -> None:
    """Print a line per file, and what a user should know of it."""
    for file in loaded:
        parts = f" in {file.parts:,} files" if file.parts > 1 else ""
        filtered = f", {file.filtered:,} filtered" if file.filtered else ""
        click.echo(
            f"{file.name}: {file.rows:,} rows from {visible(file.file_name)}{parts} "
            f"({file.quarantined:,} quarantined{filtered}) in {file.seconds:.1f} s"
        )
        for rule, records in file.filters.items():
            click.echo(f"  filtered: {records:,} records, {rule}")
        for note in file.notes:
            click.echo(f"  {visible(note)}")
        if file.quarantined:
            click.echo("  see them with: .venv/bin/python scripts/export_quarantine.py")
        if file.rows == 0:
            click.echo(f"  warning: {visible(file.file_name)} holds no records")


def look_at_loaded() -> tuple[dict[str, int], dict[str, bool]]:
    """The number of rows of each raw table, and what `changed_inputs` finds."""
    with connect() as connection:
        make_tables(connection)
        return {name: count(connection, f"raw.{name}") for name in INPUTS}, changed_inputs(connection)


def files_to_load_again(given: Collection[str], changed: Mapping[str, bool], *, is_empty: bool) -> dict[str, Path]:
    """The files to load again: where nothing is loaded but something was, all of them; else what was changed by hand.

    Args:
        given: inputs that are loaded from other files.
        changed: as `changed_inputs` finds them; the sample needs no file.
        is_empty: whether nothing is loaded.

    Raises:
        WarehouseError: if a file is not what it was, or nothing says where a changed input came from.
    """
    noted = loaded_files() or {}
    edited = [name for name, is_sample in changed.items() if not is_sample and name not in given]
    for name in edited:
        click.echo(f"raw.{name} is not as it was loaded: another command or a hand changed it. It is loaded again.")
    if unknown := [name for name in edited if name not in noted]:
        raise WarehouseError(
            f"Nothing was loaded: nothing says where raw.{unknown[0]} came from. {give_files(unknown)}"
        )
    again = {name: file for name, file in noted.items() if name in edited or (is_empty and name not in given)}
    if is_empty and again:
        files = ", ".join(file.path for file in again.values())
        click.echo(f"Nothing is loaded any more. Loading again what was: {files}")
        if not published_path().exists():
            click.echo(f"  to begin with the sample instead, remove {warehouse_folder() / RECORD}")
    if problems := [problem for name, file in again.items() if (problem := file.problem(name))]:
        raise WarehouseError(f"Nothing was loaded: {', '.join(problems)}. {give_files(again)}")
    return {name: Path(file.path) for name, file in again.items()}


def give_files(names: Collection[str]) -> str:
    """What to do where files cannot be loaded again.

    Args:
        names: of the inputs.
    """
    return f"Give the files: make build {' '.join(f'{name.upper()}=…' for name in INPUTS if name in names)}"


def check_sample_is_welcome() -> None:
    """Refuse to load the sample where something else is published.

    Raises:
        WarehouseError: if real data are published, or an unreadable file that no sample is known to have made.
    """
    if not published_path().exists():
        return
    is_real = is_real_data_published()
    if is_real or (is_real is None and loaded_files() is None):
        raise WarehouseError(
            f"Nothing is loaded, and {published_path()} holds real data, which the invented sample never replaces. "
            f"{give_files(('awards', 'recipients'))}. To try the sample, name another folder in SBIR_WAREHOUSE_DIR"
        )


def load_sources(files: dict[str, Path], *, is_sample: bool) -> list[Loaded]:
    """Find what the given paths hold, and load it on a connection that reaches their folders and no others.

    Args:
        files: path of each input to load.
        is_sample: whether they are the committed sample.

    Raises:
        WarehouseError: if one cannot be loaded; nothing is changed then.
    """
    try:
        sources = {name: find_source(path, name) for name, path in files.items()}
        paths = [part.path for source in sources.values() for part in source.parts]
        reach = {place.parent for path in paths for place in (path.absolute(), path.resolve())}
        with connect(reach=reach) as connection:
            return load_all(connection, files, sources, is_sample=is_sample)
    except (OSError, duckdb.Error, csv.Error) as error:
        raise WarehouseError(f"Nothing was loaded: {first_line(error)}") from error


@click.command()
@click.option("--awards", type=PATH, metavar="PATH", help="SBIR.gov award data.")
@click.option("--recipients", type=PATH, metavar="PATH", help="USAspending recipient_lookup.")
@click.option("--prime-awards", type=PATH, metavar="PATH", help="USAspending prime awards.")
@click.option("--sample", is_flag=True, help="Without files: the sample, where nothing is loaded.")
def main(awards: Path | None, recipients: Path | None, prime_awards: Path | None, sample: bool) -> None:
    """Load files into warehouse/build.duckdb.

    PATH is a CSV file (plain, .gz, .zst, or several in a .zip), a Parquet file, a folder of these, a pattern of them
    in quotes ('parts/*.csv.gz'), or a database dump in pg_dump's directory format, as folder or .zip. What a file is,
    is seen from its content.

    A file replaces its table; the tables of files not given stay, unless they hold the sample.
    """
    given = dict(zip(INPUTS, (awards, recipients, prime_awards), strict=True))
    files = {name: path for name, path in given.items() if path is not None}
    if not files and not sample:
        raise click.UsageError("Give --awards, --recipients or --prime-awards, or --sample")
    with hold_warehouse("load"):
        rows, changed = look_at_loaded()
        if any(rows.values()) and not files and not changed:
            there = ", ".join(f"{number:,} {name}" for name, number in rows.items())
            click.echo(f"Loaded already, and kept: {there}. Others: AWARDS=…, RECIPIENTS=…, PRIME_AWARDS=…")
            return
        files = {**files_to_load_again(files, changed, is_empty=not any(rows.values())), **files}
        if not files:
            check_sample_is_welcome()
        with recorded("load") as log, log.timed("load_seconds"):
            loaded = load_sources(files or SAMPLE_FILES, is_sample=not files)
        noted = {file.name: LoadedFile(str(files[file.name].absolute()), file.sha256) for file in loaded if files}
        note_loaded_files(noted, is_sample=not files)
    report(loaded)


if __name__ == "__main__":
    run_command(main)

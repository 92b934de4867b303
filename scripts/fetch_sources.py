"""Fetch the published source files by their documented addresses, which stand in `sources.toml`.

A cut download is gone on with, a bad one never replaces a good file, and what is current is not fetched
again. Exit codes: 0 all fetched or current already, 2 something could not be fetched, 130 and 143
stopped by Ctrl-C or SIGTERM.
"""

import shlex
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import click
import requests

from database.warehouse import WarehouseError
from fetching.config import SOURCES_FILE, YEAR, Config, Input, Source, check_digest, read_config
from fetching.download import Download, Target
from fetching.http_answers import Client, FetchError
from fetching.progress import Watch, megabytes
from fetching.records import part_path, read_record, resumable
from interface.command_line import Stopped, run_command

DEFAULT_FOLDER = Path("data") / "raw"
FIRST_FISCAL_YEAR = 2001
LAST_FISCAL_YEAR = 2100


def choose_targets(config: Config, names: Sequence[str], fiscal_years: Sequence[int], folder: Path) -> list[Target]:
    """The files to fetch.

    Args:
        config: what there is.
        names: of sources; none means those fetched by default.
        fiscal_years: for sources with a file a year.
        folder: where to.

    Raises:
        WarehouseError: if a name is unknown, or fiscal years are missing or not asked for.
    """
    known = {source.name: source for source in config.sources}
    for name in names:
        if name not in known:
            raise WarehouseError(f"There is no source {name!r}. Give some of {', '.join(known)}")
    chosen = [known[name] for name in dict.fromkeys(names)] or [s for s in config.sources if s.by_default]
    by_year = [source for source in chosen if source.is_by_year]
    if by_year and not fiscal_years:
        raise WarehouseError(f"{by_year[0].name} has a file a year. Give --fiscal-year, for example --fiscal-year 2024")
    if fiscal_years and not by_year:
        possible = [source.name for source in config.sources if source.is_by_year]
        raise WarehouseError(f"--fiscal-year is for {', '.join(possible) or 'no source here'}. Name them as well")
    targets = []
    for source in chosen:
        years: list[int | None] = [*dict.fromkeys(fiscal_years)] if source.is_by_year else [None]
        targets += [Target(source, year, folder / source.file.replace(YEAR, str(year))) for year in years]
    return targets


def with_digests(targets: list[Target], digests: Sequence[str]) -> list[Target]:
    """The files to fetch, with the hashes that a user gives.

    Args:
        targets: the files.
        digests: each as NAME=SHA256.

    Raises:
        WarehouseError: if one names no file that is to be fetched, or is no SHA-256.
    """
    given = dict(text.rpartition("=")[::2] for text in digests)
    labels = [target.label for target in targets]
    for label, digest in given.items():
        if label not in labels:
            raise WarehouseError(f"--sha256 names {label!r}. Give NAME=SHA256 with one of {', '.join(labels)}")
        check_digest(digest, "--sha256")
    return [
        replace(target, source=replace(target.source, sha256=given[target.label])) if target.label in given else target
        for target in targets
    ]


def describe(source: Source) -> str:
    """A source in a few lines, for --list."""
    where = source.address or f"listed by {source.listing.address if source.listing else ''}"
    return "\n".join(
        [
            f"{source.name}: {source.what} ({source.about_size})",
            f"  {where}",
            f"  documented at {source.documented_at}",
            f"  {'fetched by default' if source.by_default else 'fetched when named'}, as {source.file}",
        ]
    )


def next_step(inputs: Sequence[Input], folder: Path) -> str:
    """The command that builds from a folder, or what it lacks for that."""
    found = {each.variable: folder / name for each in inputs for name in reversed(each.files) if any(folder.glob(name))}
    lacking = [each for each in inputs if each.required and each.variable not in found]
    if lacking:
        return "\n".join(f"{each.variable} is not in {folder} yet: {each.how}" for each in lacking)
    words = [f"{variable}={shlex.quote(str(path))}" for variable, path in found.items()]
    return f"Next: make build {' '.join(words)}"


def fetch(client: Client, target: Target, *, force: bool) -> bool:
    """Fetch a file and print what became of it.

    Returns:
        Whether the file is there and current.
    """
    try:
        with Watch(target.label) as watch:
            record = Download(client, target, watch, force=force).run()
    except FetchError as error:
        click.echo(f"Error: {target.label}: {error.format_message()}", err=True)
        return False
    if record is None:
        known = read_record(target.path)
        click.echo(f"{target.label}: current already, {target.path} of {known.fetched_at if known else 'before'}")
    else:
        click.echo(f"{target.label}: {target.path}, {megabytes(record.bytes or 0)}, SHA-256 {record.sha256}")
    return True


def told_what_is_kept(target: Target) -> str:
    """What a stopped download leaves, in words."""
    part = part_path(target.path)
    record = read_record(part)
    held = resumable(part, record.address) if record else None
    if held:
        return f"{megabytes(held[1])} are kept in {part}: the same command goes on from there"
    return f"{target.path} is as it was; the same command starts anew"


@click.command()
@click.argument("names", nargs=-1)
@click.option("--to", "folder", type=click.Path(path_type=Path), default=DEFAULT_FOLDER, show_default=True)
@click.option("--fiscal-year", "fiscal_years", type=click.IntRange(FIRST_FISCAL_YEAR, LAST_FISCAL_YEAR), multiple=True)
@click.option("--list", "only_list", is_flag=True, help="Say what there is, and fetch nothing.")
@click.option("--force", is_flag=True, help="Fetch anew what is current already.")
@click.option("--sha256", "digests", multiple=True, metavar="NAME=SHA256", help="Accept the file with this hash only.")
@click.option("--config", "config_path", type=click.Path(path_type=Path), default=SOURCES_FILE, help="Another config.")
def main(
    names: tuple[str, ...],
    folder: Path,
    fiscal_years: tuple[int, ...],
    only_list: bool,
    force: bool,
    digests: tuple[str, ...],
    config_path: Path,
) -> None:
    """Fetch the source files NAMES (by default those that one cannot do without) into a folder."""
    config = read_config(config_path)
    if only_list:
        click.echo("\n".join(map(describe, config.sources)))
        return
    targets = with_digests(choose_targets(config, names, fiscal_years, folder), digests)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WarehouseError(
            f"Cannot make the folder {folder}: {error.strerror}. Give another one with --to"
        ) from error
    target = targets[0]
    try:
        with requests.Session() as session:
            client = Client(config.manners, session)
            all_there = True
            for target in targets:
                all_there &= fetch(client, target, force=force)
    except Stopped as stopped:
        raise Stopped(f"Stopped. {target.label}: {told_what_is_kept(target)}") from stopped
    if not all_there:
        sys.exit(WarehouseError.exit_code)
    click.echo(next_step(config.inputs, folder))


if __name__ == "__main__":
    run_command(main)

"""A damaged working file is set aside and made anew: from its raw tables where they can be read, else from files."""

import re
from pathlib import Path

import click
import duckdb

from database.warehouse import (
    ENGINE_SETTINGS,
    DamagedFileError,
    WarehouseError,
    connect,
    engine_limits,
    finish_repair,
    first_line,
    is_damage,
    quoted,
    repaired_path,
    set_aside_log,
    working_path,
)
from interface.terminal_text import visible
from loading.loaded_files import loaded_files

# What no build can make anew.
KEPT_SCHEMAS = ("raw", "quarantine")
# What DuckDB says of a log of changes that belongs to another file, or to an earlier state of the working file.
FOREIGN_LOG = re.compile("WAL does not match|WAL was created for")


def mend_unreadable() -> None:
    """Mend the working file where it cannot even be opened, or a repair was killed before its last rename.

    Raises:
        WarehouseError: if it is in use, or what it held can be had from nowhere.
    """
    path = working_path()
    finish_repair(path)
    if not path.exists():
        return
    try:
        connect().close()
    except DamagedFileError as error:
        if not FOREIGN_LOG.search(error.message):
            _make_anew(error.message)
            return
        set_aside_log(path)
        click.echo(f"Warning: {path}.wal is not of {path} and was set aside as {path}.wal.damaged", err=True)
        mend_unreadable()


def mend_damaged() -> bool:
    """Read the working file to its end, and mend it where it is damaged.

    Returns:
        Whether it was.

    Raises:
        WarehouseError: if what the file held can be had from nowhere.
    """
    try:
        damage = find_damage()
    except DamagedFileError as error:
        damage = error.message
    if damage:
        _make_anew(damage)
    return damage is not None


def find_damage() -> str | None:
    """Read the working file to its end; every block has a checksum.

    Returns:
        What DuckDB says of the first damage; None where the file is whole, or not there.

    Raises:
        DamagedFileError: if it cannot be opened.
    """
    if not working_path().exists():
        return None
    with connect() as connection:
        for (table,) in connection.execute(
            "select schema_name || '.' || table_name from duckdb_tables() where database_name = current_database()"
        ).fetchall():
            try:
                connection.execute(f"select bit_xor(hash(contents)) from {table} as contents").fetchall()  # noqa: S608
            except duckdb.Error as error:
                if is_damage(str(error)):
                    return first_line(error)
                raise
    return None


def _make_anew(damage: str) -> None:
    path = working_path()
    fresh = repaired_path(path)
    fresh.unlink(missing_ok=True)
    click.echo(visible(f"The working file is damaged: {damage}"), err=True)
    try:
        _copy_kept(path, fresh)
    except duckdb.Error as error:
        fresh.unlink(missing_ok=True)
        if not is_damage(str(error)):
            # A full disk, say: what can be read must not be given up for that.
            raise WarehouseError(f"It cannot be mended: {first_line(error)}") from error
        _check_files_are_there()
        click.echo("Its raw tables cannot be read either: the files are loaded again.", err=True)
    else:
        click.echo("Its raw tables are whole and are kept; all else is made anew.", err=True)
    # Killed from here on, whoever opens the working file next finishes it.
    path.replace(path.with_name(f"{path.name}.damaged"))
    set_aside_log(path)
    finish_repair(path)


def _check_files_are_there() -> None:
    files = loaded_files()
    remedy = f"Remove {working_path()} and give the files again: make build AWARDS=… RECIPIENTS=…"
    if files is None:
        raise WarehouseError(f"Its raw tables cannot be read, and nothing says what was loaded. {remedy}")
    if problems := [problem for name, file in files.items() if (problem := file.problem(name))]:
        raise WarehouseError(f"Its raw tables cannot be read, and {', '.join(problems)}. {remedy}")


def _copy_kept(damaged: Path, fresh: Path) -> None:
    with duckdb.connect(config={**engine_limits(), **ENGINE_SETTINGS}) as connection:
        connection.execute(f"attach {quoted(damaged)} as damaged (read_only); attach {quoted(fresh)} as fresh")
        tables = connection.execute(
            "select schema_name, table_name from duckdb_tables() where database_name = 'damaged' "
            "and list_contains(?, schema_name)",
            [list(KEPT_SCHEMAS)],
        ).fetchall()
        if ("raw", "load_history") not in tables:
            raise duckdb.IOException("Corrupt database file: the tables of what was loaded are not there")
        for schema, table in tables:
            connection.execute(f"create schema if not exists fresh.{schema}")
            connection.execute(f"create table fresh.{schema}.{table} as from damaged.{schema}.{table}")

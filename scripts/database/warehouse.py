"""Where the warehouse is, how scripts open it, and how they fail."""

import math
import re
import resource
import shutil
import sys
from collections.abc import Iterable
from pathlib import Path

import click
import duckdb

from interface.settings import setting
from interface.terminal_text import visible

# What is left of the limit for DuckDB: Python, dbt and the UDFs need some hundred MB beside it.
ENGINE_SHARE = 0.75
BYTES_PER_UNIT = {"KB": 1e3, "MB": 1e6, "GB": 1e9, "TB": 1e12, "KIB": 2**10, "MIB": 2**20, "GIB": 2**30, "TIB": 2**40}
WORKING_FILE = "build.duckdb"
KIBIBYTE = 1024
NO_ROOM = re.compile("Could not write|No space left|File too large|quota exceeded")
ENGINE_SETTINGS: dict[str, str | bool | int | float | list[str]] = {
    # Nothing is fetched from DuckDB's servers, whatever a file looks like.
    "autoinstall_known_extensions": False,
    "allow_community_extensions": False,
    # Large tables are written whole. By itself DuckDB writes many of them once more at once, to merge row groups that
    # are not full.
    "max_vacuum_tasks": 0,
}
# What DuckDB says of a file that is none of its own, or whose bytes were changed or cut.
DAMAGE = re.compile(
    "not a valid DuckDB database file|[Cc]orrupt|checksum|Serialization Error|metadata pointer|beyond the end of|"
    "could not read enough bytes|Could not read|database has been invalidated|replaying WAL|WAL was created for",
)


class WarehouseError(click.ClickException):
    """A failure to tell the user in one line (what, where, what to do); exit code 2."""

    exit_code = 2

    def format_message(self) -> str:
        """The line: names of files and columns come from outside and may hold line ends and worse."""
        return visible(self.message)


class DamagedFileError(WarehouseError):
    """The working file cannot be read: it is to be made anew."""


def warehouse_folder() -> Path:
    """The folder of all DuckDB files: `SBIR_WAREHOUSE_DIR`, by default `warehouse`."""
    return Path(setting("SBIR_WAREHOUSE_DIR"))


def working_path() -> Path:
    """The file that loading and dbt work on."""
    return warehouse_folder() / WORKING_FILE


def published_path() -> Path:
    """The file that analysts open."""
    return warehouse_folder() / "sbir.duckdb"


def memory_limit_mb() -> float:
    """`SBIR_MEMORY_LIMIT` in MB.

    Raises:
        SettingError: if the variable is not a size.
    """
    limit = setting("SBIR_MEMORY_LIMIT").upper()
    number, unit = re.findall("[0-9.]+|[A-Z]+", limit)
    return float(number) * BYTES_PER_UNIT[unit] / 1e6


def engine_limits() -> dict[str, str | bool | int | float | list[str]]:
    """What DuckDB may use: `SBIR_THREADS` threads, else all cores, and its share of `SBIR_MEMORY_LIMIT`.

    Returns:
        DuckDB settings, for a connection.

    Raises:
        SettingError: if a variable is not such a number.
    """
    engine_bytes = ENGINE_SHARE * memory_limit_mb() * 1e6
    limits: dict[str, str | bool | int | float | list[str]] = {"memory_limit": f"{engine_bytes / 1e6:.0f}MB"}
    if threads := setting("SBIR_THREADS"):
        limits["threads"] = threads
    return limits


def confine(connection: duckdb.DuckDBPyConnection, folders: Iterable[Path]) -> None:
    """Let a connection read and write in these folders only; no statement can undo that. Its clock is UTC.

    Args:
        connection: DuckDB connection.
        folders: what it needs, with all below.
    """
    places = ", ".join(quoted(folder.absolute()) for folder in folders)
    # By itself DuckDB takes the machine's time zone, and times in tables would be local ones.
    connection.execute(
        f"set global timezone = 'UTC'; set allowed_directories = [{places}]; set enable_external_access = false"
    )


def repaired_path(path: Path) -> Path:
    """Where a damaged working file is made anew; whole once the damaged one is set aside."""
    return path.with_name(f"{path.name}.mending")


def set_aside_log(path: Path) -> None:
    """Move DuckDB's log of changes away from a working file that it does not belong to.

    Args:
        path: the working file.

    Raises:
        OSError: if it cannot be moved.
    """
    log = path.with_name(f"{path.name}.wal")
    aside = log.with_name(f"{log.name}.damaged")
    if aside.is_dir():
        shutil.rmtree(aside)
    if log.exists():
        log.replace(aside)


def finish_repair(path: Path) -> None:
    """Put a repaired working file in its place, where the repair was killed between setting aside the old one and that.

    Args:
        path: the working file.

    Raises:
        OSError: if it cannot be moved.
    """
    if repaired_path(path).exists() and not path.exists():
        set_aside_log(path)
        repaired_path(path).replace(path)


def connect(
    folder: Path | None = None, *, read_only: bool = False, reach: Iterable[Path] = ()
) -> duckdb.DuckDBPyConnection:
    """Open a working file, attached as the current database `build`, so that others can be attached beside it.

    Its limits are those of `engine_limits`; what does not fit is spilled beside the file. No SQL on the connection
    gets at files outside of the warehouse, whatever the data say.

    Args:
        folder: the warehouse, where it is not the user's.
        read_only: whether to open it for reading only; otherwise it is made where it is missing.
        reach: further folders that the work needs.

    Raises:
        DamagedFileError: if the file is no DuckDB file, or a damaged one.
        WarehouseError: if another process holds the file, or it cannot be made.
    """
    path = (folder or warehouse_folder()) / WORKING_FILE
    config = {**engine_limits(), "temp_directory": f"{path}.tmp", **ENGINE_SETTINGS}
    try:
        if not read_only:
            path.parent.mkdir(parents=True, exist_ok=True)
            finish_repair(path)
        connection = duckdb.connect(config=config)
        connection.execute(f"attach {quoted(path)} as build (type duckdb{', read_only' if read_only else ''})")
        connection.execute("use build")
        confine(connection, [path.parent, *reach])
    except OSError as error:
        raise WarehouseError(f"Cannot make {path}: {error.strerror}") from error
    except duckdb.Error as error:
        if "Conflicting lock" in str(error) or "being used by another process" in str(error):
            holder = re.search(r"PID (\d+)", str(error))
            who = f"process {holder[1]}" if holder else "another process"
            raise WarehouseError(
                f"{path} is in use by {who}. Wait until it is done or end it, then try again"
            ) from error
        if is_damage(str(error)):
            raise DamagedFileError(f"{path} is damaged: {first_line(error)}. Make it anew with: make build") from error
        raise WarehouseError(f"Cannot open {path}: {first_line(error)}") from error
    return connection


def open_results(*, is_working: bool) -> duckdb.DuckDBPyConnection:
    """Open the published file to be read, or the working file, which a build that failed leaves as well.

    Args:
        is_working: whether to open the working file.

    Raises:
        WarehouseError: if it is not there or cannot be read.
    """
    path = working_path() if is_working else published_path()
    if not path.exists():
        raise WarehouseError(f"There is no {path}. Make it with: make build")
    if is_working:
        return connect(read_only=True)
    try:
        connection = duckdb.connect(path, read_only=True, config={**ENGINE_SETTINGS})
    except duckdb.Error as error:
        raise WarehouseError(f"{path} cannot be read: {first_line(error)}. Make it anew with: make build") from error
    confine(connection, [path.parent])
    return connection


def is_damage(message: str) -> bool:
    """Whether an error of DuckDB says that a file is damaged, not that something went wrong in a query."""
    return bool(DAMAGE.search(message))


def quoted(value: object) -> str:
    """A value as a SQL text literal, where a statement takes no parameters."""
    return "'" + str(value).replace("'", "''") + "'"


def first_line(error: BaseException) -> str:
    """The first line of an error's message, with a remedy where memory or the disk ran short."""
    if isinstance(error, duckdb.OutOfMemoryException):
        more = max(4, math.ceil(2 * memory_limit_mb() / 1000))
        limit = setting("SBIR_MEMORY_LIMIT")
        return f"{limit} of memory are too little. Give more, for example: SBIR_MEMORY_LIMIT={more}GB"
    line = (str(error).splitlines() or [type(error).__name__])[0]
    return (
        f"{line}. The disk is full: make room there, and run the same command again" if NO_ROOM.search(line) else line
    )


def peak_memory_mb() -> float:
    """Peak resident memory of this process in MB.

    `VmHWM` where the system has it: unlike `ru_maxrss` it does not start at the parent's peak.
    """
    status = Path("/proc/self/status")
    if status.exists():
        match = re.search(r"VmHWM:\s+(\d+) kB", status.read_text(encoding="ascii"))
        if match:
            return int(match[1]) / KIBIBYTE
    return _peak_mb(resource.RUSAGE_SELF)


def peak_memory_of_stages_mb() -> float:
    """The largest peak of resident memory of the processes that this one has started and seen end, in MB."""
    return _peak_mb(resource.RUSAGE_CHILDREN)


def _peak_mb(who: int) -> float:
    return resource.getrusage(who).ru_maxrss / KIBIBYTE / (KIBIBYTE if sys.platform == "darwin" else 1)

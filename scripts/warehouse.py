"""Where the warehouse is, how scripts open it, and how they fail."""

import os
import re
import resource
import sys
from pathlib import Path

import click
import duckdb

DEFAULT_MEMORY_LIMIT = "2GB"
WORKING_FILE = "build.duckdb"
KIBIBYTE = 1024


class WarehouseError(click.ClickException):
    """A failure to tell the user in one line (what, where, what to do); exit code 2."""

    exit_code = 2


def warehouse_folder() -> Path:
    """The folder of all DuckDB files: `SBIR_WAREHOUSE_DIR`, by default `warehouse`."""
    return Path(os.environ.get("SBIR_WAREHOUSE_DIR") or "warehouse")


def working_path() -> Path:
    """The file that loading and dbt work on."""
    return warehouse_folder() / WORKING_FILE


def published_path() -> Path:
    """The file that analysts open."""
    return warehouse_folder() / "sbir.duckdb"


def connect(folder: Path | None = None, *, read_only: bool = False) -> duckdb.DuckDBPyConnection:
    """Open a working file, attached as the current database `build`, so that others can be attached beside it.

    `SBIR_MEMORY_LIMIT` and `SBIR_THREADS` are honoured; what does not fit is spilled beside the file.

    Args:
        folder: the warehouse, where it is not the user's.
        read_only: whether to open it for reading only; otherwise it is made where it is missing.

    Raises:
        WarehouseError: if another process holds the file, it is no DuckDB file, or cannot be made.
    """
    path = (folder or warehouse_folder()) / WORKING_FILE
    config: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": os.environ.get("SBIR_MEMORY_LIMIT") or DEFAULT_MEMORY_LIMIT,
        "temp_directory": f"{path}.tmp",
    }
    if threads := os.environ.get("SBIR_THREADS"):
        config["threads"] = threads
    try:
        if not read_only:
            path.parent.mkdir(parents=True, exist_ok=True)
        connection = duckdb.connect(config=config)
        connection.execute(f"attach {quoted(path)} as build{' (read_only)' if read_only else ''}")
        connection.execute("use build")
    except OSError as error:
        raise WarehouseError(f"Cannot make {path}: {error.strerror}") from error
    except duckdb.Error as error:
        if "Conflicting lock" in str(error) or "being used by another process" in str(error):
            holder = re.search(r"PID (\d+)", str(error))
            who = f"process {holder[1]}" if holder else "another process"
            raise WarehouseError(
                f"{path} is in use by {who}. Wait until it is done or end it, then try again"
            ) from error
        raise WarehouseError(f"Cannot open {path}: {first_line(error)}") from error
    return connection


def quoted(value: object) -> str:
    """A value as a SQL text literal, where a statement takes no parameters."""
    return "'" + str(value).replace("'", "''") + "'"


def first_line(error: BaseException) -> str:
    """The first line of an error's message."""
    return (str(error).splitlines() or [type(error).__name__])[0]


def peak_memory_mb() -> float:
    """Peak resident memory of this process in MB.

    `VmHWM` where the system has it: unlike `ru_maxrss` it does not start at the parent's peak.
    """
    status = Path("/proc/self/status")
    if status.exists():
        match = re.search(r"VmHWM:\s+(\d+) kB", status.read_text(encoding="ascii"))
        if match:
            return int(match[1]) / KIBIBYTE
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / KIBIBYTE / (KIBIBYTE if sys.platform == "darwin" else 1)

"""Records a run: what it was, what became of it, what it cost, what it raised. Nothing here can fail what it records.

`make build` begins and ends a run around its stages and names it to them in `SBIR_RUN_ID`; a load or dbt command by
itself is a run of its own.
"""

import os
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import click
import duckdb

from database.warehouse import WarehouseError, connect, first_line, memory_limit_mb, peak_memory_mb, working_path
from interface.accepted_change import accepted_change
from interface.command_line import Stopped
from interface.settings import SettingError
from interface.terminal_text import visible
from recording.alert_delivery import deliver
from recording.alerts import raise_alerts
from recording.run_history import (
    RUNNING,
    Run,
    end_interrupted_runs,
    history_folder,
    read_run,
    remove_old_runs,
    run_files,
    timestamp,
    update_tables,
    write_run,
)

RUN_ID = "SBIR_RUN_ID"
# What memory is told in, as the system does.
MEBIBYTE = 1024 * 1024
PROJECT = Path(__file__).parents[2]


def now() -> datetime:
    """This moment, UTC."""
    return datetime.now(UTC)


def guarded(record: Callable[[], None]) -> None:
    """Record something; what goes wrong is told in one line and changes nothing else."""
    try:
        record()
    except Exception as error:
        message = error.message if isinstance(error, click.ClickException) else first_line(error)
        click.echo(visible(f"Warning: this run is missing from the history ({history_folder()}): {message}"), err=True)


def begin_run(command: str, run_id: str | None = None) -> Run:
    """Note that a run began.

    Args:
        command: what is run, as a user would say it.
        run_id: its identifier, where it has one.

    Returns:
        The run, with what is known so far.

    Raises:
        OSError: if the history cannot be written.
    """
    end_interrupted_runs()
    run: Run = {
        "runs": [
            {
                "run_id": run_id or uuid4().hex,
                "command": command,
                "target": os.environ.get("DBT_TARGET") or "dev",
                "git_commit": _git_commit(),
                "status": "running",
                "started_at": timestamp(now()),
                "memory_limit_mb": _memory_limit_mb(),
                "accepted_change": accepted_change(),
            }
        ]
    }
    write_run(run)
    return run


def current_run() -> Run | None:
    """The run that this process is a stage of, as its file says; None where it is none."""
    run_id = os.environ.get(RUN_ID)
    file = run_files().get(run_id) if run_id else None
    return read_run(file) if file and file.name.endswith(RUNNING) else None


def end_run(run: Run, status: str, **known: float) -> list[dict[str, Any]]:
    """Note how a run ended, in its file and in the working file, with the alerts it raises.

    Args:
        run: as `begin_run` or `current_run` gave it.
        status: running, where more of it follows; success, failed, error or stopped.
        known: further columns of `runs`.

    Returns:
        The alerts.

    Raises:
        OSError, duckdb.Error, WarehouseError: if it cannot be written.
    """
    row = run["runs"][0]
    ended = now()
    row.update(
        status=status,
        ended_at=timestamp(ended),
        performance_duration_seconds=(
            ended.replace(tzinfo=None) - datetime.fromisoformat(row["started_at"])
        ).total_seconds(),
        **known,
    )
    if row.get("awards") and row.get("dbt_seconds"):
        row["performance_records_per_second"] = row["awards"] / row["dbt_seconds"]
    row["performance_peak_memory_mb"] = max(row.get("performance_peak_memory_mb") or 0.0, peak_memory_mb())
    write_run(run)
    remove_old_runs()
    if working_path().exists():
        with connect() as connection:
            _note_inputs(connection, run)
            write_run(run)
            update_tables(connection, row["run_id"])
            run["alerts"] = raise_alerts(connection, run)
            write_run(run)
            update_tables(connection, row["run_id"])
    return run.get("alerts", [])


@dataclass
class RunLog:
    """What a block that is recorded says of itself: how it ended, and further columns of `runs`."""

    status: str = "success"
    known: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def timed(self, column: str) -> Iterator[None]:
        """Add the seconds of a block to a column of `runs`."""
        started = time.perf_counter()
        try:
            yield
        finally:
            self.known[column] = self.known.get(column, 0.0) + time.perf_counter() - started
            # At once, for what is published before the run is at its end.
            guarded(self._note)

    def _note(self) -> None:
        if run := current_run():
            run["runs"][0].update(self.known)
            write_run(run)


@contextmanager
def recorded(command: str) -> Iterator[RunLog]:
    """Record a block as a run, unless it is a stage of one; the alerts of the run are told at its end.

    Args:
        command: what is run, as a user would say it. The caller holds the warehouse.

    Yields:
        The log, for the block to fill.
    """
    log = RunLog()
    if os.environ.get(RUN_ID):
        yield log
        return
    run_id = uuid4().hex
    guarded(lambda: _begin(command, run_id))
    os.environ[RUN_ID] = run_id
    try:
        yield log
    except Stopped:
        log.status = "stopped"
        raise
    except BaseException:
        log.status = "error"
        raise
    finally:
        guarded(lambda: _end_recorded(log))
        del os.environ[RUN_ID]


def _begin(command: str, run_id: str) -> None:
    begin_run(command, run_id)


def _end_recorded(log: RunLog) -> None:
    if run := current_run():
        try:
            deliver(run, end_run(run, log.status, **log.known))
        except WarehouseError:
            # What keeps the file from being opened, or a setting that is wrong, is what the command has failed of.
            if log.status != "error":
                raise


def note_publication(version: int) -> None:
    """Note which run a version holds: the run at work, else the last whole dbt build.

    Args:
        version: its number.

    Raises:
        OSError: if the history cannot be written.
    """
    if run := published_run():
        run["runs"][0]["published_version"] = version
        write_run(run)


def published_run() -> Run | None:
    """The run whose tables would be published now; None where the history does not know.

    It is the run at work, else the last whole dbt build, if that ended well.
    """
    if run := current_run():
        return run
    for file in reversed(run_files().values()):
        if (run := read_run(file)) and run["runs"][0]["command"] == "dbt build":
            return run if run["runs"][0]["status"] == "success" else None
    return None


def current_loads(connection: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """The rows of the load history of what is loaded now, as JSON holds them; none where nothing ever was.

    Args:
        connection: open on the working file.
    """
    try:
        loads = connection.execute("from raw.load_history where is_current order by input, file_name")
    except duckdb.CatalogException:
        return []
    names = [name for name, *_ in loads.description or ()]
    rows = [dict(zip(names, row, strict=True)) for row in loads.fetchall()]
    return [{**row, "loaded_at": row["loaded_at"].isoformat(sep=" ")} for row in rows]


def _note_inputs(connection: duckdb.DuckDBPyConnection, run: Run) -> None:
    """Note what is loaded; also the rows of the load history, which else were in the working file alone."""
    run["loads"] = current_loads(connection)
    inputs = {row["input"]: row for row in run["loads"]}.values()
    run["runs"][0].update(
        sources=", ".join(row["source"] for row in inputs),
        input_hashes=", ".join(f"{row['source']} {row['source_sha256']}" for row in inputs),
        is_sample=any(row["is_sample"] for row in inputs),
    )


def _memory_limit_mb() -> float | None:
    """The limit in the MB of the system; None where the setting is not a size, which the command itself reports."""
    try:
        return memory_limit_mb() * 1e6 / MEBIBYTE
    except SettingError:
        return None


def _git_commit() -> str | None:
    """The commit of the project, with + where files were changed since; None outside of git."""
    try:
        described = subprocess.run(
            ["git", "describe", "--always", "--abbrev=40", "--exclude=*", "--dirty=+"],  # noqa: S607
            cwd=PROJECT,
            capture_output=True,
            text=True,
            timeout=5,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return described.stdout.strip()

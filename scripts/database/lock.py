"""One builder at a time: who loads, builds or publishes holds the lock of the warehouse, for as long as it takes.

A build is several processes, one after the other. The lock is held by the first; it tells the others in
`SBIR_BUILDER`, and they ask for none.
"""

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
from filelock import FileLock, Timeout

from database.warehouse import WarehouseError, warehouse_folder
from interface.file_modes import masked

LOCK_FILE = "build.lock"
BUILDER = "SBIR_BUILDER"


class Holder:
    """Who holds the lock of a warehouse, as told to others in a file beside it."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / f"{LOCK_FILE}.json"

    def write(self, **process: int | str | float) -> None:
        """Tell who holds the lock: pid, what it does, stage_pid of the process it waits for."""
        # By a rename: a stage that reads a note half written would take its own build for a stranger.
        fresh = self._file.with_name(f"{self._file.name}.writing")
        fresh.write_text(json.dumps(process), encoding="utf-8")
        fresh.replace(self._file)

    def read(self) -> dict[str, int | str | float]:
        """Who holds the lock, or held it last; empty where nobody told."""
        try:
            known = json.loads(self._file.read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError):
            return {}
        return known if isinstance(known, dict) else {}


_held: dict[Path, FileLock] = {}


def take_lock(folder: Path, work: str) -> Holder:
    """Take the lock of a warehouse until this process ends, unless the build that started this process holds it.

    Args:
        folder: the warehouse; made where it is missing.
        work: what the process does, in a word, to be told to others.

    Raises:
        WarehouseError: naming the process that holds the lock, or if the folder cannot be written.
    """
    folder = folder.absolute()
    holder = Holder(folder)
    known = holder.read()
    if folder in _held or (os.environ.get(BUILDER) and os.environ[BUILDER] == str(known.get("pid"))):
        return holder
    lock = FileLock(folder / LOCK_FILE, timeout=0, mode=masked(0o640), preserve_lock_file=True)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock.acquire()
        end_orphan(holder.read())
        holder.write(pid=os.getpid(), work=work)
    except Timeout as error:
        who = f"process {known['pid']} ({known['work']})" if {"pid", "work"} <= known.keys() else "another process"
        raise WarehouseError(f"{folder} is in use by {who}. Wait until it is done or end it, then try again") from error
    except OSError as error:
        raise WarehouseError(
            f"Cannot write in {folder}: {error.strerror or error}. Check the disk and permissions"
        ) from error
    _held[folder] = lock
    return holder


@contextmanager
def hold_warehouse(work: str, folder: Path | None = None) -> Iterator[Holder]:
    """Hold the lock of a warehouse within a block.

    Args:
        work: what the process does, in a word, to be told to others.
        folder: the warehouse, where it is not the user's.

    Yields:
        The holder, to tell others of the stage under way.

    Raises:
        WarehouseError: as `take_lock`.
    """
    place = (folder or warehouse_folder()).absolute()
    was_held = place in _held
    holder = take_lock(place, work)
    try:
        yield holder
    finally:
        if not was_held and place in _held:
            _held.pop(place).release()


def end_orphan(known: dict[str, int | str | float]) -> None:
    """End the stage of a build that was itself killed: nobody waits for it, and it keeps the working file.

    Args:
        known: what the last holder told.
    """
    pid, started = known.get("stage_pid"), known.get("stage_started")
    if type(pid) is not int or pid <= 0:
        return
    try:
        stage = psutil.Process(pid)
        if stage.create_time() == started:
            print(f"Ending process {pid}, left from a build that was killed", file=sys.stderr)
            stage.kill()
            stage.wait(timeout=30)
    except (psutil.Error, OverflowError):
        # Gone by now, or never a stage of ours: the file may hold anything.
        return

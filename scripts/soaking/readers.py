"""Readers of the published file, each a process of its own, that read without pause until they are told to end.

Run as a program it is one reader: it opens the file anew for each read, or with --hold keeps a file open while newer
ones are published, and must go on seeing the old one. What it saw stands in a file that it writes anew each second.
"""

import hashlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import click
import duckdb
from tenacity import retry, retry_if_exception_type, stop_after_attempt, wait_random

from interface.command_line import Stopped, run_command
from soaking.checks import Reference, load_references, look, look_at, open_published

SCRIPTS = Path(__file__).parents[1]
# Failures that are told in words; all are counted.
MOST_TOLD = 20
SECONDS_BETWEEN_REPORTS = 1.0
SECONDS_TO_END = 30
# The long-lived reader keeps a file until so many newer ones were published, but for this long at least.
OUTLIVED_PUBLICATIONS = 2
HELD_READ_PAUSE = 0.2
# Readers take what builds leave of the processor, so that the builds do not take many times as long.
NICENESS = 19
# Linux divides the processor among sessions first, each with a niceness of its own; that of a process counts within.
SESSION_NICENESS = Path("/proc/self/autogroup")


@dataclass
class Tally:
    """What a reader saw.

    Attributes:
        reads: how often it read.
        failed: how many reads failed, or saw what must not be seen.
        ungated_rows: the most rows of one publication that no gate let out, summed over publications.
        versions: the publications it saw.
        outlived: publications during which an older file was kept open.
        failures: what failed, in words, the first ones.
    """

    reads: int = 0
    failed: int = 0
    ungated_rows: int = 0
    versions: list[int] = field(default_factory=list)
    outlived: int = 0
    failures: list[str] = field(default_factory=list)

    def fail(self, sentences: Sequence[str], ungated_rows: int = 0) -> None:
        """Count a failed read."""
        self.failed += 1
        self.ungated_rows += ungated_rows
        self.failures += [each for each in sentences if each not in self.failures][: MOST_TOLD - len(self.failures)]


class Reporter:
    """Writes a tally to its file, once a second and in the end."""

    def __init__(self, tally: Tally, path: Path) -> None:
        self._tally = tally
        self._path = path
        self._written = 0.0

    def write(self, *, is_last: bool = False) -> None:
        """Write the tally, if the last time was a second ago."""
        if is_last or time.monotonic() - self._written > SECONDS_BETWEEN_REPORTS:
            fresh = self._path.with_suffix(".writing")
            fresh.write_text(json.dumps(asdict(self._tally)), encoding="utf-8")
            fresh.replace(self._path)
            self._written = time.monotonic()


def read_again_and_again(published: Path, references: Sequence[Reference], tally: Tally, reporter: Reporter) -> None:
    """Open and read the published file without pause, until a signal ends it."""
    while True:
        seen = look(published, references)
        tally.reads += 1
        if seen.wrong:
            tally.fail(seen.wrong, seen.ungated_rows)
        if seen.version not in tally.versions:
            tally.versions.append(seen.version)
        reporter.write()


def hold_open(published: Path, references: Sequence[Reference], tally: Tally, reporter: Reporter) -> None:
    """Keep the published file open across publications and read the old one, then take the newest, until a signal."""
    while True:
        with published.open("rb") as file, open_published(published) as connection:
            opened = os.fstat(file.fileno())
            first = look_at(connection, references)
            first_bytes = hashlib.sha256(file.read()).hexdigest()
            tally.versions.append(first.version)
            seen, outlived = opened.st_ino, 0
            while outlived < OUTLIVED_PUBLICATIONS:
                time.sleep(HELD_READ_PAUSE)
                current = published.stat().st_ino
                if current != seen:
                    seen, outlived = current, outlived + 1
                    tally.outlived += 1
                again = look_at(connection, references)
                tally.reads += 1
                file.seek(0)
                if again != first or again.wrong:
                    tally.fail([f"kept open: {sentence}" for sentence in again.wrong] or ["a file kept open changed"])
                elif hashlib.sha256(file.read()).hexdigest() != first_bytes:
                    tally.fail(["the bytes of a file kept open changed"])
                reporter.write()


class Readers:
    """Starts readers, ends them, and adds up what they saw.

    Args:
        published: the file to read.
        references: file of the references.
        number: how many readers open the file for each read; one more keeps it open.
        folder: where they report.
    """

    def __init__(self, published: Path, references: Path, number: int, folder: Path) -> None:
        folder.mkdir()
        self._is_ended = False
        self._dead = [False] * (number + 1)
        self._reports = [folder / f"reader{index + 1}.json" for index in range(number)] + [folder / "holder.json"]
        self._processes = []
        for path in self._reports:
            command = [sys.executable, "-m", "soaking.readers", str(published), str(references), str(path)]
            self._processes.append(
                subprocess.Popen(  # noqa: S603
                    [*command, *(["--hold"] if path.name == "holder.json" else [])],
                    env={**os.environ, "PYTHONPATH": str(SCRIPTS)},
                    stderr=path.with_suffix(".log").open("wb"),
                    start_new_session=True,
                )
            )

    def tallies(self) -> list[Tally]:
        """What each saw so far; a reader that ended by itself is a failed read."""
        if not self._is_ended:
            self._dead = [process.poll() is not None for process in self._processes]
        tallies = []
        for path, is_dead in zip(self._reports, self._dead, strict=True):
            tally = Tally(**json.loads(path.read_text(encoding="utf-8"))) if path.exists() else Tally()
            if is_dead or (self._is_ended and not tally.reads):
                words = " ".join(path.with_suffix(".log").read_text(encoding="utf-8").splitlines()[-1:])
                tally.fail([f"{path.stem} ended by itself or read nothing: {words}"])
            tallies.append(tally)
        return tallies

    def end(self) -> list[Tally]:
        """End the readers.

        Returns:
            What each saw.
        """
        self.tallies()
        self._is_ended = True
        for process in self._processes:
            process.terminate()
        for process in self._processes:
            try:
                process.wait(SECONDS_TO_END)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        return self.tallies()


@retry(retry=retry_if_exception_type(BlockingIOError), wait=wait_random(0.1, 0.5), stop=stop_after_attempt(20))
def give_way() -> None:
    """Let everything else on the machine go first."""
    os.nice(NICENESS)
    if SESSION_NICENESS.exists():
        # Who is not root may set it a few times a second, all processes together.
        SESSION_NICENESS.write_text(str(NICENESS), encoding="ascii")


@click.command()
@click.argument("published", type=click.Path(path_type=Path))
@click.argument("references", type=click.Path(exists=True, path_type=Path))
@click.argument("report", type=click.Path(path_type=Path))
@click.option("--hold", is_flag=True, help="Keep each file open while newer ones are published.")
def main(published: Path, references: Path, report: Path, hold: bool) -> None:
    """Read the published file until a signal ends it, and report what was seen."""
    give_way()
    tally = Tally()
    reporter = Reporter(tally, report)
    try:
        (hold_open if hold else read_again_and_again)(published, load_references(references), tally, reporter)
    except (Stopped, RuntimeError):
        # A signal within a query comes as a RuntimeError of DuckDB's.
        return
    except (OSError, duckdb.Error) as error:
        tally.fail([f"a file kept open cannot be read: {error}"])
        raise
    finally:
        reporter.write(is_last=True)


if __name__ == "__main__":
    run_command(main)

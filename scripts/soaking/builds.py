"""Running the project's commands in a soak: as users run them, watched by stage, and ended with all they started."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from database.lock import Holder, end_orphan
from interface.accepted_change import ACCEPT_CHANGE

PROJECT = Path(__file__).parents[2]
BUILD = "scripts/build.py"
# Before the first stage: Python starts, the lock is taken, the working file is looked at.
START = "start"
STAGES = (START, "load", "dbt build", "publish")
# No build of a soak takes so long, on a busy machine neither.
LONGEST_SECONDS = 600.0
POLL_SECONDS = 0.02


@dataclass(frozen=True)
class Done:
    """How a command ended: its exit code (less than 0 where a signal ended it), all it printed, how long it took."""

    exit_code: int
    output: str
    seconds: float

    @property
    def last_words(self) -> str:
        """The last line it printed."""
        return (self.output.strip().splitlines() or ["it printed nothing"])[-1]


@dataclass(frozen=True)
class Moment:
    """When something happens to a build: so many seconds into one of its stages."""

    stage: str
    seconds: float

    def __str__(self) -> str:
        """In words."""
        return f"{self.stage} + {self.seconds:.2f} s"


@dataclass
class Running:
    """A command under way."""

    process: subprocess.Popen[bytes]
    log: Path
    started: float
    folder: Path

    @property
    def is_done(self) -> bool:
        """Whether it ended."""
        return self.process.poll() is not None

    def stage(self) -> str:
        """The stage that a build is in."""
        known = Holder(self.folder).read()
        return str(known["work"]) if known.get("pid") == self.process.pid and known.get("stage_pid") else START

    def stage_process(self) -> psutil.Process | None:
        """The process that does the work of the stage."""
        known = Holder(self.folder).read()
        pid = known.get("stage_pid")
        if known.get("pid") != self.process.pid or not isinstance(pid, int):
            return None
        try:
            return psutil.Process(pid)
        except psutil.NoSuchProcess:
            return None

    def wait_for(self, moment: Moment) -> bool:
        """Wait for a moment of a build.

        Returns:
            Whether it came before the build ended.
        """
        while not self.is_done and STAGES.index(self.stage()) < STAGES.index(moment.stage):
            time.sleep(POLL_SECONDS)
        due = (self.started if moment.stage == START else time.monotonic()) + moment.seconds
        while not self.is_done and time.monotonic() < due:
            time.sleep(POLL_SECONDS)
        return not self.is_done

    def kill_tree(self) -> None:
        """Kill it and all it started, at once."""
        try:
            tree = [psutil.Process(self.process.pid), *psutil.Process(self.process.pid).children(recursive=True)]
        except psutil.NoSuchProcess:
            return
        for process in tree:
            try:
                process.kill()
            except psutil.NoSuchProcess:
                continue

    def wait(self) -> Done:
        """Wait for its end; one that takes too long is killed, and says so."""
        try:
            code = self.process.wait(LONGEST_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill_tree()
            code = self.process.wait()
            self.log.write_text(f"it hung for {LONGEST_SECONDS:.0f} seconds and was killed", encoding="utf-8")
        return Done(code, self.log.read_text(encoding="utf-8", errors="replace"), time.monotonic() - self.started)


@dataclass
class Site:
    """A warehouse of a soak, and the project's commands run on it.

    Attributes:
        folder: of the warehouse.
        scratch: of dbt's files and logs.
        stage_seconds: how long the stages of a clean build last.
        builds: how many were started.
    """

    folder: Path
    scratch: Path
    stage_seconds: dict[str, float] = field(default_factory=dict)
    builds: int = 0
    _commands: int = 0

    @property
    def published(self) -> Path:
        """The file that analysts open."""
        return self.folder / "sbir.duckdb"

    @property
    def working(self) -> Path:
        """The file that builds work on."""
        return self.folder / "build.duckdb"

    def environment(self, **settings: str) -> dict[str, str]:
        """The environment of a command: the project's settings are those given, not those of whoever runs the soak."""
        return {
            **{name: value for name, value in os.environ.items() if not name.startswith(("SBIR_", "DBT_"))},
            "SBIR_WAREHOUSE_DIR": str(self.folder),
            "DBT_PROFILES_DIR": "profiles",
            "DBT_TARGET_PATH": str(self.scratch / "target"),
            "DBT_LOG_PATH": str(self.scratch / "logs"),
            "COLUMNS": "200",
            # Inputs of different sizes follow each other.
            ACCEPT_CHANGE: "the inputs of a soak take turns",
            **settings,
        }

    @contextmanager
    def running(self, *command: str, before: Sequence[str] = (), **settings: str) -> Iterator[Running]:
        """Start a command of the project; with the block it ends, in good order or not.

        Args:
            command: a script with its options, or -m and a module.
            before: what runs it, where not Python does.
            settings: further variables of its environment.

        Yields:
            The command under way.
        """
        self._commands += 1
        self.builds += BUILD in command
        log = self.scratch / f"command{self._commands:04}.log"
        with log.open("wb") as output:
            process = subprocess.Popen(  # noqa: S603
                [*before, sys.executable, *command],
                cwd=PROJECT,
                env=self.environment(**settings),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                # Ctrl-C ends the soak, which ends what it started.
                start_new_session=True,
            )
        under_way = Running(process, log, time.monotonic(), self.folder)
        try:
            yield under_way
        except BaseException:
            under_way.kill_tree()
            raise
        finally:
            process.wait()

    def run(self, *command: str, before: Sequence[str] = (), **settings: str) -> Done:
        """Run a command of the project to its end."""
        with self.running(*command, before=before, **settings) as under_way:
            return under_way.wait()

    def learn_stages(self, *options: str) -> Done:
        """Run a build undisturbed and note how long its stages last."""
        with self.running(BUILD, *options) as build:
            began = {START: build.started}
            while not build.is_done:
                began.setdefault(build.stage(), time.monotonic())
                time.sleep(POLL_SECONDS)
            ends = [*list(began.values())[1:], time.monotonic()]
            self.stage_seconds = {stage: end - began[stage] for stage, end in zip(began, ends, strict=True)}
            return build.wait()

    def choose_moment(self, chance: random.Random, stages: Sequence[str] = STAGES) -> Moment:
        """A moment of a build: any of its whole length, or as often any of a stage, since short ones are seldom hit.

        Args:
            chance: what chooses.
            stages: those it may fall into.

        Returns:
            The moment.
        """
        weights = [self.stage_seconds[stage] for stage in stages]
        stage = chance.choice(stages) if chance.random() < 0.5 else chance.choices(stages, weights)[0]
        return Moment(stage, chance.uniform(0, self.stage_seconds[stage]))

    def end_leftovers(self) -> None:
        """End the stage of a build that was killed, where it is still at work."""
        if self.folder.exists():
            end_orphan(Holder(self.folder).read())


def send(process: psutil.Process | None, number: signal.Signals) -> bool:
    """Send a signal to a process.

    Returns:
        Whether the process was there.
    """
    try:
        if process is not None:
            process.send_signal(number)
            return True
    except psutil.NoSuchProcess:
        pass
    return False

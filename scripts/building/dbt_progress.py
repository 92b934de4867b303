"""How far the dbt build is, from dbt's structured log: done, at work, left; what warns or fails is told in full."""

import os
import time
from collections import Counter

import duckdb
from rich.console import Group, RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.text import Text

from building.dbt_events import DbtEvent, TracebackFilter, read_event
from building.stage_progress import StageProgress
from database.warehouse import WarehouseError, connect, is_damage, working_path
from interface.terminal_text import duration, visible

# Of less nobody can tell what is left.
LEAST_SHARE_DONE = 0.05
LEAST_SECONDS = 1.0
# Beside success and pass.
OUTCOMES = ("kept", "warn", "fail", "error", "partial success", "skipped")
STYLES = {"warn": "yellow", "error": "red"}


def node_seconds() -> dict[str, float]:
    """What each node of the last make build that ended well took when it was last made, in seconds by node.

    Empty where nothing is known, also where the working file cannot be read: the stages themselves say why.
    """
    if not working_path().exists():
        return {}
    try:
        with connect(read_only=True) as connection:
            return dict(
                connection.execute(
                    """
                    select node, arg_max(performance_duration_seconds, started_at) as seconds
                    from observability.nodes
                    where status in ('success', 'pass', 'warn') and node in (
                        select node from observability.nodes where run_id = (
                            select run_id from observability.runs
                            where command = 'make build' and status = 'success'
                            order by started_at desc limit 1
                        )
                    )
                    group by node
                    having seconds is not null
                    """
                ).fetchall()
            )
    except (duckdb.Error, WarehouseError):
        return {}


class DbtProgress(StageProgress):
    """Tells of the dbt build from dbt's structured log: what is done and at work, and in full what warns or fails.

    Attributes:
        damage: lines that speak of a damaged file.
        has_started: whether dbt came so far as to log anything.
    """

    relays = True

    def __init__(self, seconds: dict[str, float]) -> None:
        """Begin with nothing done.

        Args:
            seconds: what nodes took when they were made before, by node; to estimate what is left.
        """
        super().__init__("dbt build")
        self.damage: list[str] = []
        self.has_started = False
        self._last_text = "it said nothing"
        self._seconds = seconds
        self._filter = TracebackFilter()
        self._nodes: int | None = None
        self._nodes_began: float | None = None
        self._at_work: dict[str, tuple[str, float]] = {}
        self._statuses: dict[str, str] = {}
        self._rows = 0
        self._told_tenths = 0
        self._bar = Progress(
            TextColumn(self.stage),
            BarColumn(bar_width=None),
            MofNCompleteColumn(),
            TextColumn("{task.fields[elapsed]}"),
            TextColumn("{task.fields[left]}"),
            console=self._console,
            expand=True,
            auto_refresh=False,
        )
        self._task = self._bar.add_task(self.stage, total=None, elapsed="", left="")

    def relay(self, line: str) -> None:
        """Take in a line of dbt: an event of its log, or else text, which is passed on."""
        event = read_event(line)
        lines = (line if event is None else event.message).splitlines()
        self.damage += [text.strip() for text in lines if is_damage(text)]
        # A traceback does not go beyond its event.
        is_kept = (self._filter if event is None else TracebackFilter()).keeps
        readable = [text for text in lines if is_kept(text)]
        if event is None or not event.is_routine:
            for text in readable:
                is_failed_gate = text.startswith("Gate ") and " FAILED: " in text
                self._say(text, "red" if is_failed_gate else STYLES.get(event.level if event else "", ""))
        if event is not None:
            self.has_started = True
            self._note(event)
        elif line.strip():
            self._last_text = line.strip()

    def end(self, exit_code: int) -> None:
        """Say how the stage ended; where dbt did not even start, also why: of a traceback nothing was passed on."""
        super().end(exit_code)
        if exit_code > 0 and not self.has_started:
            self._say(f"dbt cannot start: {self._last_text}. Check the installation with: make setup", STYLES["error"])

    def _note(self, event: DbtEvent) -> None:
        """Note what an event says of the nodes."""
        self._nodes = event.nodes or self._nodes
        if event.name == "LogStartLine" and event.node:
            if self._nodes_began is None:
                self._nodes_began = time.monotonic()
            self._at_work[event.node] = (event.node_name, time.monotonic())
        elif event.status and event.node not in self._statuses:
            self._at_work.pop(event.node, None)
            self._statuses[event.node] = event.status
            self._rows += event.rows
            self._tell_tenths()

    def _tell_tenths(self) -> None:
        tenths = 10 * len(self._statuses) // self._nodes if self._nodes else 0
        if tenths > self._told_tenths:
            self._told_tenths = tenths
            if not self._is_live:
                self._tell()

    def _seconds_left(self) -> float | None:
        """What is left at the pace so far; None where too little is known.

        Nodes count by the seconds they took before, since a few take most of the time; without those, all alike.
        """
        if not self._nodes or self._nodes_began is None or len(self._statuses) >= self._nodes:
            return None
        elapsed = time.monotonic() - self._nodes_began
        if self._seconds:
            done = sum(self._seconds.get(node, 0.0) for node in self._statuses)
            # One at work counts for as long as it should take.
            for node, (_, began) in list(self._at_work.items()):
                done += min(self._seconds.get(node, 0.0), time.monotonic() - began)
            share = done / sum(self._seconds.values())
        else:
            share = len(self._statuses) / self._nodes
        if elapsed < LEAST_SECONDS or not LEAST_SHARE_DONE <= share < 1:
            return None
        return elapsed * (1 - share) / share

    def _left(self) -> str:
        seconds = self._seconds_left()
        if seconds is None:
            return ""
        return (
            f"{'about' if self._seconds else 'roughly'} {duration(max(round(seconds), 1)).replace('.0 s', ' s')} left"
        )

    def _names_at_work(self) -> str:
        now = time.monotonic()
        names = [
            f"{name} {duration(now - began)}" if now - began >= 1 else name
            for name, began in list(self._at_work.values())
        ]
        if names or self._is_between():
            return f"at work: {', '.join(names)}" if names else ""
        if self._nodes is None:
            return "dbt reads the project"
        return "recording what was built" if self._statuses else "checking the inputs"

    def _is_between(self) -> bool:
        return 0 < len(self._statuses) < (self._nodes or 0)

    def _counts(self) -> str:
        return f"{len(self._statuses):,} of {self._nodes or 0:,} done"

    def _so_far(self) -> str:
        if not self._nodes:
            return f"{duration(self._elapsed())} so far, {self._names_at_work()}"
        told = [self._counts(), f"{self._rows:,} rows", duration(self._elapsed()), self._left()]
        return "; ".join(filter(None, [", ".join(filter(None, told)), self._names_at_work()]))

    def _view(self) -> RenderableType:
        elapsed = duration(self._elapsed())
        self._bar.update(
            self._task, total=self._nodes, completed=len(self._statuses), elapsed=elapsed, left=self._left()
        )
        rows = f"{self._rows:,} rows; " if self._rows else ""
        names = visible(f"  {rows}{self._names_at_work()}")
        return Group(self._bar, Text(names, style="dim", no_wrap=True, overflow="ellipsis"))

    def _more_to_read(self) -> str:
        return f" (dbt's own log: {os.environ.get('DBT_LOG_PATH') or 'logs'}/dbt.log)"

    def _outcome(self) -> str:
        if not self._nodes:
            return ""
        counts = Counter(self._statuses.values())
        others = [f"{counts[status]} {status}" for status in OUTCOMES if counts[status]]
        done = f"{len(self._statuses) - counts['skipped']:,} of {self._nodes:,} done"
        return f": {', '.join([done, f'{self._rows:,} rows', *others])}"

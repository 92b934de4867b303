"""Show how far a download is: a bar in a terminal, else a plain line now and then."""

import time
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

from interface.terminal_text import visible

SECONDS_BETWEEN_LINES = 10.0


def megabytes(size: int) -> str:
    """A size for people."""
    return f"{size / 1e6:,.1f} MB"


class Watch:
    """Tells of one download at a time, on standard error."""

    def __init__(self, label: str) -> None:
        self.label = label
        self._console = Console(stderr=True, highlight=False, markup=False, soft_wrap=True)
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            DownloadColumn(),
            TransferSpeedColumn(),
            TimeRemainingColumn(),
            console=self._console,
            transient=True,
            disable=not self._console.is_terminal,
        )
        self._task = self._bar.add_task(label, total=None)
        self._total: int | None = None
        self._told_at = time.monotonic()

    def __enter__(self) -> Self:
        """Show the bar, in a terminal."""
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Remove the bar."""
        self._bar.stop()

    def begin(self, address: str, done: int, total: int | None) -> None:
        """Say that bytes are coming.

        Args:
            address: they come from.
            done: held already.
            total: of the whole file, where it is known.
        """
        self._total = total
        size = megabytes(total) if total else "size unknown"
        if done:
            self.say(f"going on with {address} from {megabytes(done)} ({size})")
        elif not self._console.is_terminal:
            self.say(f"fetching {address} ({size})")
        self._bar.update(self._task, completed=done, total=total)

    def reached(self, done: int) -> None:
        """Say how many bytes are there."""
        self._bar.update(self._task, completed=done)
        if not self._console.is_terminal and time.monotonic() - self._told_at >= SECONDS_BETWEEN_LINES:
            share = f" of {megabytes(self._total)}" if self._total else ""
            self.say(f"{megabytes(done)}{share}")

    def say(self, text: str) -> None:
        """Print a line."""
        self._told_at = time.monotonic()
        self._console.print(visible(f"{self.label}: {text}"))

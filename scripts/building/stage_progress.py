"""How far make build is: a live view in a terminal, else a plain line now and then; what matters is told in full."""

import os
import sys
import threading
import time

import click
from rich.console import Console, RenderableType
from rich.live import Live
from rich.text import Text

from interface.terminal_text import duration, visible

STAGES = ("load", "dbt build", "publish")
SECONDS_BETWEEN_LINES = 10.0
SECONDS_BETWEEN_LOOKS = 0.25


def is_live(console: Console) -> bool:
    """Whether somebody watches: standard output is a terminal that can be drawn on, and no log of a CI."""
    is_ci = (os.environ.get("CI") or "").lower() not in ("", "0", "false")
    return sys.stdout.isatty() and console.is_terminal and not console.is_dumb_terminal and not is_ci


class StageProgress:
    """Tells of a stage that prints by itself: where it begins, that it is still at work, how it ended.

    Attributes:
        relays: whether what the stage prints is to go through `relay`.
    """

    relays = False

    def __init__(self, stage: str) -> None:
        self.stage = stage
        self._console = Console(highlight=False, markup=False, emoji=False)
        self._is_live = is_live(self._console)
        self._live: Live | None = None
        self._over = threading.Event()
        self._teller = threading.Thread(target=self._tell_now_and_then, daemon=True)
        self._began = self._told_at = time.monotonic()

    def begin(self) -> None:
        """Say that the stage begins, and tell of it from now on."""
        self._began = self._told_at = time.monotonic()
        self._say(f"Stage {STAGES.index(self.stage) + 1} of {len(STAGES)}: {self.stage}{self._more_to_read()}")
        if self._is_live and not self.relays:
            # It shows itself how far it is.
            return
        if self._is_live:
            self._live = Live(get_renderable=self._view, console=self._console, transient=True, auto_refresh=False)
            self._live.start(refresh=True)
        self._teller.start()

    def close(self) -> None:
        """Leave the terminal as it was; may be called again, also where a signal came in between."""
        self._over.set()
        if self._teller.is_alive():
            self._teller.join(1.0)
        if self._live:
            self._live.stop()
            self._console.show_cursor()

    def relay(self, line: str) -> None:
        """Pass on a line of the stage, to where errors go."""
        click.echo(visible(line.rstrip("\n")), err=True)

    def end(self, exit_code: int) -> None:
        """Say how the stage ended, and tell nothing more of it.

        Args:
            exit_code: of the stage.
        """
        self.close()
        word = "failed after" if exit_code else "done in"
        self._say(f"{self.stage} {word} {duration(self._elapsed())}{self._outcome()}")

    def _elapsed(self) -> float:
        return time.monotonic() - self._began

    def _say(self, text: str, style: str = "") -> None:
        self._console.print(Text(visible(text.expandtabs()), style=style), soft_wrap=True)

    def _tell(self) -> None:
        self._told_at = time.monotonic()
        self._say(f"{self.stage}: {self._so_far()}")

    def _tell_now_and_then(self) -> None:
        while not self._over.wait(SECONDS_BETWEEN_LOOKS):
            if self._live:
                self._live.refresh()
            elif time.monotonic() - self._told_at >= SECONDS_BETWEEN_LINES:
                self._tell()

    def _more_to_read(self) -> str:
        return ""

    def _outcome(self) -> str:
        return ""

    def _so_far(self) -> str:
        return f"{duration(self._elapsed())} so far"

    def _view(self) -> RenderableType:
        return Text(f"{self.stage}: {self._so_far()}", no_wrap=True, overflow="ellipsis")


class PublishProgress(StageProgress):
    """Tells of publishing, which prints warnings and errors only."""

    relays = True

"""How a script ends: in one line and with an exit code, whatever stops it."""

import signal
import sys
import tempfile
import traceback
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import NoReturn

import click
import duckdb

from database.warehouse import first_line, warehouse_folder
from interface.file_modes import restrict_new_files
from interface.output import make_lenient
from interface.settings import check_settings
from interface.terminal_text import visible

STOPPED = "Stopped before it was done; what stood before still stands"
ERROR_LOG = "errors.log"


class Stopped(BaseException):
    """A signal asks the process to end; its text, if any, says what is left. No `except Exception` holds it up."""


class SignalWatch:
    """Lets Ctrl-C and SIGTERM raise `Stopped` wherever the process is, and remembers which came."""

    def __init__(self) -> None:
        self.received: signal.Signals | None = None
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._stop)

    def _stop(self, number: int, _frame: FrameType | None) -> NoReturn:
        self.received = signal.Signals(number)
        # A long query of DuckDB may hear of the first signal only at its end: a second one ends the process at once.
        for each in (signal.SIGINT, signal.SIGTERM):
            signal.signal(each, signal.SIG_DFL)
        raise Stopped


def run_command(command: click.Command, stopped: str = STOPPED) -> NoReturn:
    """Run a script's command and exit as it does.

    Where a setting, a file or DuckDB fails it, it exits with 2 and one line; with 130 after Ctrl-C, 143 after SIGTERM.

    Args:
        command: the command.
        stopped: what to say where a signal ends it.
    """
    restrict_new_files()
    sys.stdout = output = make_lenient(sys.stdout, 1)
    sys.stderr = make_lenient(sys.stderr, 2)
    watch = SignalWatch()
    try:
        check_settings()
        result = command.main(standalone_mode=False)
        code = result if isinstance(result, int) else 0
    except click.ClickException as error:
        error.show()
        code = error.exit_code
    except (OSError, duckdb.Error) as error:
        click.echo(f"Error: {visible(first_line(error))}", err=True)
        code = 2
    except (Stopped, Exception) as error:
        # DuckDB turns whatever a signal raises within a query into a RuntimeError of its own.
        if watch.received is None:
            click.echo(_describe_fault(error), err=True)
            code = 2
        else:
            click.echo(str(error) if isinstance(error, Stopped) and str(error) else f"{stopped}.", err=True)
            code = 128 + watch.received
    output.flush()
    if output.loss:
        # What the command did is done, and its exit code says so.
        click.echo(f"Warning: part of this output could not be written: {output.loss.strerror}", err=True)
    sys.exit(code)


def _describe_fault(error: BaseException) -> str:
    """One line on an error that nobody foresaw; its traceback goes to a log file."""
    details = f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC {sys.argv}\n{''.join(traceback.format_exception(error))}\n"
    for folder in (warehouse_folder(), Path(tempfile.gettempdir())):
        try:
            with (folder / ERROR_LOG).open("a", encoding="utf-8", errors="backslashreplace") as log:
                log.write(details)
        except (OSError, ValueError):
            continue
        where = f"Details are in {folder / ERROR_LOG}; please report them"
        break
    else:
        where = "Its details could not be written anywhere"
    return visible(f"Error: {type(error).__name__}: {first_line(error)}. This is a fault of the program. {where}")

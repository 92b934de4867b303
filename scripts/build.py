"""The main job: load, build with all gates, publish; each stage in a process of its own, one builder at a time.

Exit codes: 0 published, 1 a gate or test failed, 2 could not load, build or publish, 130 and 143 stopped by a signal.
Whatever ends it, the published file is as it was, and the next run goes on by itself.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import click
import psutil
from command_line import Stopped, run_command
from mend import mend_damaged, mend_unreadable
from published_versions import finish_switch
from run_recorder import RunLog, recorded
from warehouse_lock import BUILDER, Holder, hold_warehouse

from warehouse import is_damage, peak_memory_of_stages_mb, published_path

PROJECT = Path(__file__).parents[1]
SCRIPTS = PROJECT / "scripts"
# How long a stage that was told to stop may clean up.
GRACE_SECONDS = 5
FAILED_TO_RUN = 2
TRACEBACK_JOINTS = ("During handling of the above exception", "The above exception was the direct cause")


def run_stage(holder: Holder, name: str, command: Sequence[str], relay: Callable[[str], None] | None = None) -> int:
    """Run a stage and wait for it; a signal that stops this process stops the stage first.

    Args:
        holder: of the warehouse; told which process does the work.
        name: of the stage, in a word.
        command: its command line.
        relay: given each line the stage prints, where it is not to print by itself.

    Returns:
        Its exit code.
    """
    stage = subprocess.Popen(  # noqa: S603
        command,
        env={**os.environ, BUILDER: str(os.getpid()), "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE if relay else None,
        stderr=subprocess.STDOUT if relay else None,
        text=True,
        # Ctrl-C goes to this process alone, which ends the stage in order.
        start_new_session=True,
    )
    try:
        started = psutil.Process(stage.pid).create_time()
        holder.write(pid=os.getpid(), work=name, stage_pid=stage.pid, stage_started=started)
        for line in stage.stdout or ():
            if relay:
                relay(line)
        return stage.wait()
    except BaseException:
        # Also where the lock's note cannot be written on a full disk: no stage goes on unwatched.
        stage.send_signal(signal.SIGTERM)
        try:
            stage.wait(GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            stage.kill()
            stage.wait()
        click.echo(f"Stopped at: {name}.", err=True)
        raise


class DbtOutput:
    """Passes on what dbt prints, without tracebacks and what joins them, and keeps what speaks of a damaged file."""

    def __init__(self) -> None:
        self.damage: list[str] = []
        self._in_traceback = False

    def relay(self, line: str) -> None:
        """Pass on a line."""
        if is_damage(line):
            self.damage.append(line.strip())
        # A traceback is indented, up to the line that names the error, which dbt has printed before.
        if line.endswith("Traceback (most recent call last):\n"):
            self._in_traceback = True
        elif not self._in_traceback and not line.startswith(TRACEBACK_JOINTS):
            click.echo(line, nl=False)
        elif not line.startswith(" ") and line.strip():
            self._in_traceback = False


def load_command(given: Mapping[str, str]) -> list[str]:
    """The command line that loads files by input; without files what is loaded, was loaded, or the sample."""
    options = [word for name, path in given.items() for word in (f"--{name.replace('_', '-')}", path)]
    return [sys.executable, str(SCRIPTS / "load_raw.py"), "--sample", *options]


def run_stages(holder: Holder, files: Mapping[str, str], output: DbtOutput, log: RunLog) -> tuple[str, int]:
    """Load, build and publish, up to the first stage that fails.

    Args:
        holder: of the warehouse.
        files: what to load, by input, where files were given.
        output: where dbt's lines go.
        log: of the run, told what the stages take.

    Returns:
        The last stage that ran, and its exit code.
    """
    colors = "--use-colors" if sys.stdout.isatty() else "--no-use-colors"
    dbt = [str(Path(sys.executable).with_name("dbt")), colors, "build", "--exclude-resource-type", "unit_test"]
    with log.timed("load_seconds"):
        code = run_stage(holder, "load", load_command(files))
    if code:
        return "load", code
    code = run_stage(holder, "dbt build", dbt, output.relay)
    if code:
        return "dbt build", code
    with log.timed("publish_seconds"):
        return "publish", run_stage(holder, "publish", [sys.executable, str(SCRIPTS / "publish.py")])


@click.command()
@click.option("--awards", help="SBIR.gov award data.")
@click.option("--recipients", help="USAspending recipient_lookup.")
@click.option("--prime-awards", help="USAspending prime awards.")
def main(**files: str | None) -> int:
    """Load the files given, else what is loaded or the sample; build all tables; publish them if every gate holds."""
    given = {name: str(Path(path).absolute()) for name, path in files.items() if path is not None}
    os.chdir(PROJECT)
    os.environ.setdefault("DBT_PROFILES_DIR", "profiles")
    before = _published_file()
    try:
        return _build(given)
    except Stopped as stopped:
        # Publishing is one rename: whoever is stopped after it has published.
        if _published_file() != before:
            raise Stopped(f"Stopped when it was done: {published_path()} is published anew.") from stopped
        raise


def _published_file() -> tuple[int, int] | None:
    path = published_path()
    return (path.stat().st_ino, path.stat().st_mtime_ns) if path.exists() else None


def _build(given: Mapping[str, str]) -> int:
    with hold_warehouse("build") as holder, recorded("make build") as log:
        mend_unreadable()
        finish_switch()
        output = DbtOutput()
        stage, code = run_stages(holder, given, output, log)
        if code:
            # A failed gate is no sign of damage. And what DuckDB takes for damage may be an error of its own: then the
            # file is whole, and worth another try.
            is_suspect = bool(output.damage) or stage != "dbt build" or code == FAILED_TO_RUN
            if is_suspect and (mend_damaged() or output.damage):
                click.echo("Trying once more.", err=True)
                stage, code = run_stages(holder, given, DbtOutput(), log)
        log.status = {0: "success", 1: "failed"}.get(code, "error")
        log.known["performance_peak_memory_mb"] = peak_memory_of_stages_mb()
    if code < 0:
        # Often the system itself, where memory ran out: then nobody else has said why.
        click.echo(f"The stage '{stage}' was ended by {signal.Signals(-code).name}, not by this command.", err=True)
        code = FAILED_TO_RUN
    if code:
        click.echo("Nothing was published. The lines 'Gate … FAILED' above, or the first error, say why.", err=True)
    return code


if __name__ == "__main__":
    run_command(
        main, f"Nothing was published, {published_path()} is as it was. The next make build goes on from what stands"
    )

"""The main job: load, build with all gates, publish; each stage in a process of its own, one builder at a time.

Exit codes: 0 published, 1 a gate or test failed, 2 could not load, build or publish, 130 and 143 stopped by a signal.
Whatever ends it, the published file is as it was, and the next run goes on by itself.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import click
import psutil

from building.dbt_progress import DbtProgress, node_seconds
from building.mend import mend_damaged, mend_unreadable
from building.stage_progress import PublishProgress, StageProgress
from building.summary import print_published, print_unpublished
from database.lock import BUILDER, Holder, hold_warehouse
from database.warehouse import peak_memory_of_stages_mb, published_path
from interface.accepted_change import accept_change
from interface.command_line import Stopped, run_command
from interface.dbt_command import DBT
from publishing.versions import check_places, finish_switch
from recording.recorder import RUN_ID, RunLog, recorded
from reviewing.match_decisions import SEED, refuse_malformed_decisions

PROJECT = Path(__file__).parents[1]
SCRIPTS = PROJECT / "scripts"
# How long a stage that was told to stop may clean up.
GRACE_SECONDS = 5
FAILED = 1
FAILED_TO_RUN = 2


def run_stage(holder: Holder, progress: StageProgress, command: Sequence[str]) -> int:
    """Run a stage and wait for it; a signal that stops this process stops the stage first.

    Args:
        holder: of the warehouse; told which process does the work.
        progress: of the stage, told what it prints, where it is not to print by itself.
        command: its command line.

    Returns:
        Its exit code.
    """
    stage = subprocess.Popen(  # noqa: S603
        command,
        env={**os.environ, BUILDER: str(os.getpid()), "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE if progress.relays else None,
        stderr=subprocess.STDOUT if progress.relays else None,
        text=True,
        # Ctrl-C goes to this process alone, which ends the stage in order.
        start_new_session=True,
    )
    try:
        started = psutil.Process(stage.pid).create_time()
        holder.write(pid=os.getpid(), work=progress.stage, stage_pid=stage.pid, stage_started=started)
        progress.begin()
        for line in stage.stdout or ():
            progress.relay(line)
        code = stage.wait()
    except BaseException:
        # Also where the lock's note cannot be written on a full disk: no stage goes on unwatched.
        stage.send_signal(signal.SIGTERM)
        progress.close()
        try:
            stage.wait(GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            stage.kill()
            stage.wait()
        click.echo(f"Stopped at: {progress.stage}.", err=True)
        raise
    progress.end(code)
    return code


def load_command(given: Mapping[str, str]) -> list[str]:
    """The command line that loads files by input; without files what is loaded, was loaded, or the sample."""
    options = [word for name, path in given.items() for word in (f"--{name.replace('_', '-')}", path)]
    return [sys.executable, str(SCRIPTS / "load_raw.py"), "--sample", *options]


def dbt_command() -> list[str]:
    """The command line of the dbt build: its events on standard output, its own log file as ever.

    Keys are asked whenever a table is built, so their tests would find nothing.
    """
    file_format = os.environ.get("DBT_LOG_FORMAT_FILE") or "debug"
    log = ["--no-use-colors", "--log-format", "json", "--log-format-file", file_format]
    return [DBT, *log, "build", "--exclude-resource-type", "unit_test", "exposure", "--exclude", "tag:keys"]


def run_stages(holder: Holder, files: Mapping[str, str], progress: DbtProgress, log: RunLog) -> tuple[str, int]:
    """Load, build and publish, up to the first stage that fails.

    Args:
        holder: of the warehouse.
        files: what to load, by input, where files were given.
        progress: of the dbt build.
        log: of the run, told what the stages take.

    Returns:
        The last stage that ran, and its exit code.
    """
    with log.timed("load_seconds"):
        code = run_stage(holder, StageProgress("load"), load_command(files))
    if code:
        return "load", code
    with log.timed("dbt_seconds"):
        code = run_stage(holder, progress, dbt_command())
    if code == FAILED and not progress.has_started:
        # Python's own exit code: no gate has been asked.
        code = FAILED_TO_RUN
    if code:
        return "dbt build", code
    with log.timed("publish_seconds"):
        return "publish", run_stage(holder, PublishProgress("publish"), [sys.executable, str(SCRIPTS / "publish.py")])


@click.command()
@click.option("--awards", help="SBIR.gov award data.")
@click.option("--recipients", help="USAspending recipient_lookup.")
@click.option("--prime-awards", help="USAspending prime awards.")
@accept_change
def main(**files: str | None) -> int:
    """Load the files given, else what is loaded or the sample; build all tables; publish them if every gate holds."""
    given = {name: str(Path(path).absolute()) for name, path in files.items() if path is not None}
    os.chdir(PROJECT)
    os.environ.setdefault("DBT_PROFILES_DIR", "profiles")
    # Files that are needed last are wrong from the beginning.
    refuse_malformed_decisions(SEED)
    check_places()
    before = _published_file()
    try:
        return _build(given, before)
    except Stopped as stopped:
        # Publishing is one rename: whoever is stopped after it has published.
        if _published_file() != before:
            raise Stopped(f"Stopped when it was done: {published_path()} is published anew.") from stopped
        raise


def _published_file() -> tuple[int, int] | None:
    path = published_path()
    return (path.stat().st_ino, path.stat().st_mtime_ns) if path.exists() else None


def _build(given: Mapping[str, str], before: tuple[int, int] | None) -> int:
    with hold_warehouse("build") as holder:
        with recorded("make build") as log:
            run_id = os.environ.get(RUN_ID)
            mend_unreadable()
            finish_switch()
            progress = DbtProgress(node_seconds())
            stage, code = run_stages(holder, given, progress, log)
            if code:
                # A failed gate is no sign of damage. And what DuckDB takes for damage may be an error of its own: then
                # the file is whole, and worth another try.
                is_suspect = bool(progress.damage) or stage != "dbt build" or code == FAILED_TO_RUN
                if is_suspect and (mend_damaged() or progress.damage):
                    click.echo("Trying once more.", err=True)
                    stage, code = run_stages(holder, given, DbtProgress(node_seconds()), log)
            log.status = {0: "success", 1: "failed"}.get(code, "error")
            log.known["performance_peak_memory_mb"] = peak_memory_of_stages_mb()
        # Only now is the run recorded, with what it cost and raised.
        if code == 0:
            print_published(is_unchanged=_published_file() == before)
            return code
        if code < 0:
            # Often the system itself, where memory ran out: then nobody else has said why.
            name = signal.Signals(-code).name
            click.echo(f"The stage '{stage}' was ended by {name}, not by this command.", err=True)
            code = FAILED_TO_RUN
        print_unpublished(stage, code, run_id)
    click.echo("Nothing was published. The lines 'Gate … FAILED' above, or the first error, say why.", err=True)
    return code


if __name__ == "__main__":
    run_command(
        main, f"Nothing was published, {published_path()} is as it was. The next make build goes on from what stands"
    )

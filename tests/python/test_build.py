"""make build: one builder at a time; whatever stops it, nothing half-built is let out and the next one goes on."""

import errno
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from build import run_stage
from building.stage_progress import StageProgress
from conftest import PROJECT, Warehouse
from database.lock import Holder, end_orphan, hold_warehouse
from database.warehouse import WarehouseError

HOLD = """
import sys, time
from pathlib import Path
sys.path.insert(0, "scripts")
from database.lock import hold_warehouse
with hold_warehouse("build", Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""
HOLD_FILE = """
import sys, time, duckdb
held = duckdb.connect(sys.argv[1])
print("held", flush=True)
time.sleep(60)
"""


@contextmanager
def process(*command: str) -> Iterator[subprocess.Popen[str]]:
    """A Python process, ended with the block; it has printed its first line."""
    running = subprocess.Popen(
        [sys.executable, *command], cwd=PROJECT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    try:
        assert running.stdout is not None
        running.stdout.readline()
        yield running
    finally:
        running.kill()
        running.wait()


def start_build(warehouse: Warehouse, **environment: str) -> subprocess.Popen[str]:
    """Start make build's script on a warehouse, and wait until dbt builds."""
    build = subprocess.Popen(
        [sys.executable, "scripts/build.py"],
        cwd=PROJECT,
        env={
            **os.environ,
            "SBIR_WAREHOUSE_DIR": str(warehouse.folder),
            "DBT_TARGET_PATH": str(warehouse.folder / "target"),
            "DBT_LOG_PATH": str(warehouse.folder / "logs"),
            **environment,
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert build.stdout is not None
    for line in build.stdout:
        if line.startswith("dbt build: ") and " done, " in line:
            return build
    raise AssertionError("the build ended before dbt began")


def test_second_builder_is_told_who_holds_the_warehouse(sample_copy: Warehouse) -> None:
    with process("-c", HOLD, str(sample_copy.folder)) as holder:
        for command in (
            "scripts/build.py",
            "scripts/load_raw.py --sample",
            "scripts/publish.py",
            "scripts/rollback.py",
        ):
            done = sample_copy.run(*command.split())
            assert done.exit_code == 2, command
            assert f"is in use by process {holder.pid} (build). Wait until it is done or end it" in done.output
            assert done.output.count("\n") == 1, command
        done = sample_copy.dbt("run", "-s", "int_firms")
        assert done.exit_code == 2
        assert f"is in use by process {holder.pid} (build)" in done.output
        assert "Traceback" not in done.output


def test_foreign_process_that_holds_the_working_file_is_named(sample_copy: Warehouse) -> None:
    with process("-c", HOLD_FILE, str(sample_copy.working)) as holder:
        for done in (sample_copy.run("scripts/build.py"), sample_copy.dbt("run", "-s", "int_firms")):
            assert done.exit_code == 2
            assert f"is in use by process {holder.pid}. Wait until it is done or end it, then try again" in done.output
            assert "Traceback" not in done.output


def test_lock_is_free_again_after_its_block_and_after_a_kill(tmp_path: Path) -> None:
    refused = pytest.raises(WarehouseError, match="is in use by process")
    with process("-c", HOLD, str(tmp_path)), refused, hold_warehouse("build", tmp_path):
        pass
    for _ in range(2):
        with hold_warehouse("build", tmp_path), hold_warehouse("load", tmp_path):
            pass


def test_note_of_the_holder_is_whole_at_every_moment(tmp_path: Path) -> None:
    holder = Holder(tmp_path)
    holder.write(pid=1, work="x" * 10_000)
    over = threading.Event()

    def write() -> None:
        while not over.is_set():
            holder.write(pid=1, work="x" * 10_000)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        assert {holder.read().get("pid") for _ in range(2000)} == {1}
    finally:
        over.set()
        writer.join()


def test_stage_left_by_a_killed_build_is_ended_and_no_other_process() -> None:
    with process("-c", "print('up', flush=True); import time; time.sleep(60)") as stage:
        started = psutil.Process(stage.pid).create_time()
        end_orphan({"stage_pid": stage.pid, "stage_started": started - 1})
        assert stage.poll() is None
        end_orphan({"stage_pid": stage.pid, "stage_started": started})
        assert not psutil.pid_exists(stage.pid)
        end_orphan({"stage_pid": stage.pid, "stage_started": started})
        end_orphan({})


def test_build_told_to_stop_ends_its_stage_and_says_what_stands(sample_copy: Warehouse) -> None:
    before = sample_copy.published_digest()
    build = start_build(sample_copy)
    stage = int(json.loads((sample_copy.folder / "build.lock.json").read_text())["stage_pid"])
    build.send_signal(signal.SIGTERM)
    output, _ = build.communicate(timeout=60)
    assert build.returncode == 128 + signal.SIGTERM
    assert "Stopped at: dbt build." in output
    assert "is as it was. The next make build goes on from what stands" in output
    assert "Traceback" not in output
    assert not psutil.pid_exists(stage)
    assert sample_copy.published_digest() == before


def test_killed_build_lets_nothing_out_and_the_next_one_needs_no_hand(sample_copy: Warehouse) -> None:
    before = sample_copy.published_digest()
    build = start_build(sample_copy)
    stage = json.loads((sample_copy.folder / "build.lock.json").read_text())
    build.kill()
    build.wait()
    assert psutil.pid_exists(stage["stage_pid"]), "the stage outlives the build: that is what the next one must bear"
    assert sample_copy.published_digest() == before
    done = sample_copy.run("scripts/build.py")
    assert done.exit_code == 0, done.output
    assert f"Ending process {stage['stage_pid']}, left from a build that was killed" in done.output
    assert sample_copy.query("select count(*) from enrichment.enriched_sbir_awards", published=True) == [(1500,)]


def test_stage_that_something_else_kills_is_named(sample_copy: Warehouse) -> None:
    before = sample_copy.published_digest()
    build = start_build(sample_copy)
    psutil.Process(json.loads((sample_copy.folder / "build.lock.json").read_text())["stage_pid"]).kill()
    assert build.stdout is not None
    output = build.stdout.read()
    assert build.wait() == 2
    assert "The stage 'dbt build' was ended by SIGKILL, not by this command." in output
    assert sample_copy.published_digest() == before


def test_build_stopped_after_its_publication_does_not_deny_it(sample_copy: Warehouse) -> None:
    before = sample_copy.published.stat().st_ino
    # What is unchanged would not be published.
    build = start_build(sample_copy, SBIR_MIN_MATCH_RATE="0.6")
    while sample_copy.published.stat().st_ino == before and build.poll() is None:
        time.sleep(0.002)
    build.send_signal(signal.SIGTERM)
    output = build.communicate()[0]
    assert sample_copy.published.stat().st_ino != before
    assert "Nothing was published" not in output
    # The signal may come when the build has ended already.
    assert build.returncode in (0, 143)
    assert ("is published anew" in output) == (build.returncode == 143)


def test_failed_gate_ends_make_build_with_its_numbers(sample_copy: Warehouse) -> None:
    before = sample_copy.published_digest()
    done = sample_copy.run("scripts/build.py", SBIR_MIN_MATCH_RATE="0.99")
    assert done.exit_code == 1
    assert "Gate match_rate FAILED" in done.output
    assert "Skipped below the gates: " in done.output
    assert "Culprits of match_rate: select * from quality.rpt_unmatched" in done.output
    assert "match_rate FAILED 86.00 % at least 99.00 %: 13.00 points off" in done.output
    assert done.output.splitlines()[-1].startswith("Nothing was published.")
    assert len(done.output.splitlines()) < 60, "dbt's own lines are in its log"
    assert sample_copy.published_digest() == before


def test_stage_does_not_go_on_where_its_note_cannot_be_written(tmp_path: Path) -> None:
    class FullDisk(Holder):
        def write(self, **process: int | str | float) -> None:
            self.stage = process["stage_pid"]
            raise OSError(errno.ENOSPC, "No space left on device")

    holder = FullDisk(tmp_path)
    with pytest.raises(OSError, match="No space left"):
        run_stage(holder, StageProgress("load"), [sys.executable, "-c", "import time; time.sleep(60)"])
    assert not psutil.pid_exists(int(holder.stage))


def test_signal_ends_a_script_in_one_line(tmp_path: Path) -> None:
    script = tmp_path / "long.py"
    script.write_text(
        "import sys; sys.path.insert(0, 'scripts')\n"
        "import click, duckdb\nfrom interface.command_line import run_command\n"
        "@click.command()\ndef main():\n"
        "    print('up', flush=True)\n"
        "    while True:\n"
        "        duckdb.execute('create or replace table numbers as from range(100000)')\n"
        "run_command(main)\n"
    )
    for number in (signal.SIGINT, signal.SIGTERM):
        with process(str(script)) as running:
            running.send_signal(number)
            output, _ = running.communicate(timeout=30)
            assert running.returncode == 128 + number
            assert output == "Stopped before it was done; what stood before still stands.\n"


@pytest.mark.parametrize("setting", ["SBIR_KEEP_VERSIONS", "SBIR_KEEP_RUNS"])
def test_a_wrong_setting_is_told_before_the_work(warehouse: Warehouse, setting: str) -> None:
    done = warehouse.run("scripts/build.py", **{setting: "many"})
    assert done.exit_code == 2
    (line,) = done.output.splitlines()
    assert line.startswith(f"Error: {setting}='many' is not a number of ")
    assert not warehouse.working.exists()

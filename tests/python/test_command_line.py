"""A command ends as its work did, whoever reads its output; its files are for owner and group; its clock is UTC."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from conftest import PROJECT
from database.lock import hold_warehouse
from database.warehouse import connect
from interface.file_modes import restrict_new_files

LONG = "import sys, click; from interface.command_line import run_command; run_command(click.Command('x', callback={}))"
# Prints more than any buffer holds, then does its work.
WORK = "lambda: ([click.echo('line ' * 100) for _ in range(2000)], open('done', 'w').close(), {code})[-1]"


def run_with(redirection: str, folder: Path, code: int = 0) -> subprocess.CompletedProcess[str]:
    program = LONG.format(WORK.format(code=code))
    return subprocess.run(
        ["bash", "-c", f'"$0" -c "$1" {redirection}; exit ${{PIPESTATUS[0]}}', sys.executable, program],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(PROJECT / "scripts")},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("code", [0, 1])
@pytest.mark.parametrize("redirection", ["| head -1", "2>&1 | head -1", ">&-", ">&- 2>&-"])
def test_output_that_nobody_reads_changes_no_exit_code(tmp_path: Path, redirection: str, code: int) -> None:
    done = run_with(redirection, tmp_path, code)
    assert (done.returncode, done.stderr) == (code, "")
    assert (tmp_path / "done").read_text() == ""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a device that is always full")
def test_a_full_log_disk_is_a_warning(tmp_path: Path) -> None:
    done = run_with("> /dev/full", tmp_path)
    assert done.returncode == 0
    assert done.stderr == "Warning: part of this output could not be written: No space left on device\n"
    assert (tmp_path / "done").exists()


@pytest.fixture
def mask() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.mark.usefixtures("mask")
@pytest.mark.parametrize(("given", "file_mode"), [(0o077, 0o600), (0o022, 0o640), (0o007, 0o640)])
def test_a_stricter_mask_stays(tmp_path: Path, given: int, file_mode: int) -> None:
    os.umask(given)
    restrict_new_files()
    with hold_warehouse("test", tmp_path / "warehouse"):
        connect(tmp_path / "warehouse").close()
    modes = {path.name: path.stat().st_mode & 0o777 for path in (tmp_path / "warehouse").iterdir()}
    assert modes == dict.fromkeys(("build.duckdb", "build.lock", "build.lock.json"), file_mode)


def test_times_in_tables_are_utc(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Pacific/Kiritimati")
    time.tzset()
    try:
        with connect(tmp_path) as connection, connection.cursor() as cursor:
            for each in (connection, cursor):
                ((local, cast),) = each.execute("select localtimestamp, cast(now() as timestamp)").fetchall()
                now = datetime.now(UTC).replace(tzinfo=None)
                assert abs((now - local).total_seconds()) < 60
                assert abs((now - cast).total_seconds()) < 60
    finally:
        monkeypatch.undo()
        time.tzset()

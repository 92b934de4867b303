"""What lies damaged or astray beside a warehouse holds up no command, and no error ends in a traceback."""

import gzip
import json
import os
import sys
from pathlib import Path
from typing import Any

import click
import pytest

from database.lock import LOCK_FILE, hold_warehouse
from interface.command_line import run_command
from recording.run_history import earlier_loads, end_interrupted_runs, read_run, run_files, write_run

RUN = {"run_id": "a1", "command": "load", "status": "success", "started_at": "2026-01-02 03:04:05.000000"}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SBIR_WAREHOUSE_DIR", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize(
    "note",
    [
        *('{"stage_pid": -1}', '{"stage_pid": 0, "stage_started": 0}', '{"stage_pid": true}', '{"stage_pid": "x"}'),
        *(f'{{"stage_pid": {10**30}}}', '{"stage_pid": OWN, "stage_started": "now"}', "[" * 100_000),
        *('{"pid": {}, "work": []}', "null", "", '{"stage_pid": 1'),
    ],
)
def test_lock_note_of_any_content_ends_nothing(folder: Path, note: str) -> None:
    (folder / f"{LOCK_FILE}.json").write_text(note.replace("OWN", str(os.getpid())), encoding="utf-8")
    with hold_warehouse("test") as holder:
        assert holder.read()["pid"] == os.getpid()


def test_stray_and_damaged_files_of_the_history_are_passed_over(folder: Path) -> None:
    write_run({"runs": [dict(RUN)]})
    (file,) = run_files().values()
    history = folder / "history"
    for stray in ("._x.json.gz", "._20260102030405-a1.json.gz", "x.json.gz", "-.json.gz", "._1-b.running.json.gz"):
        (history / stray).write_bytes(b"\0\5\x16\7")
    (history / "20260102030405-folder.json.gz").mkdir()
    assert run_files() == {"a1": file}
    whole = file.read_bytes()
    for place in range(len(whole)):
        file.write_bytes(whole[:place] + bytes([whole[place] ^ 0x10]) + whole[place + 1 :])
        run = read_run(file)
        assert run is None or run["runs"][0]["run_id"] == "a1"
    contents: tuple[Any, ...] = (
        None,
        [],
        {"runs": []},
        {"runs": [None]},
        {"runs": [{"run_id": 1}]},
        {"runs": [RUN], "loads": 7},
    )
    for content in contents:
        file.write_bytes(gzip.compress(json.dumps(content).encode()))
        assert read_run(file) is None
    file.write_bytes(gzip.compress(json.dumps({"runs": [RUN], "loads": [{}]}).encode()))
    assert earlier_loads(["load_id"]) == [{"load_id": None, "is_current": False}]
    end_interrupted_runs()
    assert (history / "._1-b.running.json.gz").exists()


@pytest.mark.parametrize(
    "error", [ValueError("embedded \x1b null byte"), KeyError("gate"), RecursionError(), RuntimeError("x")]
)
def test_error_that_nobody_foresaw_is_one_line(
    folder: Path, capfd: pytest.CaptureFixture[str], error: Exception
) -> None:
    @click.command()
    def command() -> None:
        raise error

    with pytest.MonkeyPatch.context() as patch, pytest.raises(SystemExit) as ended:
        patch.setattr("sys.argv", ["command"])
        # Put back afterwards.
        patch.setattr("sys.stdout", sys.stdout)
        patch.setattr("sys.stderr", sys.stderr)
        patch.setattr("signal.signal", lambda *_: None)
        patch.setattr("os.umask", lambda _: 0)
        run_command(command)
    assert ended.value.code == 2
    printed = capfd.readouterr().err
    assert printed.startswith(f"Error: {type(error).__name__}: ")
    assert printed.count("\n") == 1
    assert "\x1b" not in printed
    assert "Traceback" not in printed
    assert "Traceback" in (folder / "errors.log").read_text(encoding="utf-8")

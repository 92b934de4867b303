"""What make build tells while it works: a live view in a terminal, few lines elsewhere, and whatever warns or fails."""

import json
import os
import pty
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

import build
from building import stage_progress
from building.dbt_events import read_event
from building.dbt_progress import DbtProgress, node_seconds
from building.stage_progress import StageProgress
from conftest import PROJECT, Warehouse
from database.lock import Holder
from interface.terminal_text import duration
from recording.recorder import RunLog

WATCHED = """
import sys
from pathlib import Path
sys.path.insert(0, "scripts")
import click
from build import run_stage
from interface.command_line import run_command
from building.dbt_progress import DbtProgress
from database.lock import Holder

@click.command()
@click.argument("speaker")
@click.argument("folder")
def main(speaker: str, folder: str) -> int:
    return run_stage(Holder(Path(folder)), DbtProgress({}), [sys.executable, speaker])

run_command(main, "Nothing was published")
"""


def event(name: str, message: str, level: str = "info", **data: object) -> str:
    """A line as dbt writes it."""
    return json.dumps({"info": {"name": name, "level": level, "msg": message}, "data": data}) + "\n"


def node_event(name: str, node: str, status: str, message: str = "", level: str = "info", /, **data: object) -> str:
    """A line that dbt writes of a node."""
    info = {"unique_id": f"model.p.{node}", "node_name": node, "resource_type": "model", "node_status": status}
    return event(name, message or f"1 of 2 {name} {node}", level, node_info=info, **data)


def begun(nodes: int) -> str:
    return event("ConcurrencyLine", "Concurrency: 2 threads", node_count=nodes)


def start(node: str) -> str:
    return node_event("LogStartLine", node, "started")


def made(node: str, rows: int = 10) -> str:
    return node_event("LogModelResult", node, "success", status=f"OK {rows} rows")


def relayed(capsys: pytest.CaptureFixture[str], *lines: str, progress: DbtProgress | None = None) -> list[str]:
    """What is printed of lines of dbt, where nobody watches."""
    progress = progress or DbtProgress({})
    for line in lines:
        progress.relay(line)
    return capsys.readouterr().out.splitlines()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Sets the time that the progress sees, in seconds."""
    now = [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])

    def set_to(seconds: float) -> None:
        now[0] = seconds

    return set_to


def test_every_tenth_of_a_build_is_a_line_and_nothing_of_routine(capsys: pytest.CaptureFixture[str]) -> None:
    lines = [begun(40), event("LogHookStartLine", "1 of 2 START hook"), event("Formatting", "")]
    for number in range(40):
        lines += [start(f"m{number}"), made(f"m{number}", 1000)]
    printed = relayed(capsys, *lines, event("StatsLine", "Done. PASS=40"))
    assert len(printed) == 10
    assert printed[0].startswith("dbt build: 4 of 40 done, 4,000 rows, 0.")
    assert printed[-1].startswith("dbt build: 40 of 40 done, 40,000 rows, 0.")
    assert printed[-1].endswith("; recording what was built")


def test_what_warns_or_fails_is_told_in_full(capsys: pytest.CaptureFixture[str]) -> None:
    told = [
        node_event("LogTestResult", "t1", "fail", "236 of 254 FAIL 1 t1 .... [FAIL 1 in 0.04s]", "error"),
        node_event("LogTestResult", "t2", "warn", "237 of 254 WARN 3 t2 .... [WARN 3 in 0.04s]", "warn"),
        event("JinjaLogInfo", "Gate match_rate passed: matched 1,290 of 1,500 awards"),
        event(
            "RunResultError", "  Runtime Error in model m\n    Binder Error: no column x\n    LINE 1: select x", "error"
        ),
        event("NeverSeenBefore", "something new"),
    ]
    assert relayed(capsys, *told) == [
        "236 of 254 FAIL 1 t1 .... [FAIL 1 in 0.04s]",
        "237 of 254 WARN 3 t2 .... [WARN 3 in 0.04s]",
        "Gate match_rate passed: matched 1,290 of 1,500 awards",
        "  Runtime Error in model m",
        "    Binder Error: no column x",
        "    LINE 1: select x",
        "something new",
    ]


@pytest.mark.parametrize(
    "line",
    [
        "Usage: dbt build [OPTIONS]",
        '{"info": {"name": "LogStartLine", "level": "info", "msg": "cut',
        "[1, 2]",
        '"text"',
        "null",
        '{"info": {"name": "LogStartLine"}, "data": {}}',
        '{"info": {"name": "A", "level": "info", "msg": "m"}, "data": 5}',
        '{"info": {"name": "A", "level": "info", "msg": "m"}, "data": {"node_info": {"unique_id": "x"}}}',
        '{"info": {"name": "A", "level": "info", "msg": "m"}, "data": {"node_count": "many"}}',
    ],
)
def test_line_that_is_no_event_is_passed_on_as_it_is(capsys: pytest.CaptureFixture[str], line: str) -> None:
    assert read_event(line) is None
    assert relayed(capsys, f"{line}\n") == [line]


def test_tracebacks_are_not_passed_on_and_damage_is_kept(capsys: pytest.CaptureFixture[str]) -> None:
    progress = DbtProgress({})
    stack = 'Traceback (most recent call last):\n  File "dbt.py", line 1\n\n  File "dbt.py", line 2\nOSError: gone'
    printed = relayed(
        capsys,
        "before\n",
        "08:00:00  Traceback (most recent call last):\n",
        '  File "dbt.py", line 1\n',
        "_duckdb.FatalException: FATAL Error: database has been invalidated\n",
        "During handling of the above exception, another exception occurred:\n",
        "between\n",
        event("MainStackTrace", stack, "error"),
        event("MainEncounteredError", "Encountered an error:\n  Could not read enough bytes", "error"),
        event("MainStackTrace", "Traceback (most recent call last):\n  File cut off", "error"),
        "after\n",
        progress=progress,
    )
    assert printed == ["before", "between", "Encountered an error:", "  Could not read enough bytes", "after"]
    assert progress.damage == [
        "_duckdb.FatalException: FATAL Error: database has been invalidated",
        "Could not read enough bytes",
    ]


def test_message_does_nothing_to_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    hostile = "model \x1b[2J\x07 [red]x[/red] :smile: \u202e\r"
    assert (
        relayed(capsys, event("JinjaLogInfo", hostile), f"{hostile}\n")
        == ["model \\x1b[2J\\x07 [red]x[/red] :smile: \\u202e"] * 2
    )


def test_rows_are_those_that_dbt_tells(capsys: pytest.CaptureFixture[str]) -> None:
    progress = DbtProgress({})
    lines = [
        made("m1", 1500),
        node_event("LogSeedResult", "s", "success", status="success", result_message="INSERT 46"),
        node_event("LogModelResult", "m2", "success", status="KEPT"),
        node_event("LogModelResult", "m3", "success", status="OK"),
        node_event("SkippingDetails", "m4", "skipped"),
        node_event("SkippingDetails", "m4", "skipped"),
        node_event("LogTestResult", "t", "fail", "3 of 8 FAIL 3 t", "error", num_failures=3),
    ]
    relayed(capsys, begun(8), *lines, progress=progress)
    progress.end(1)
    (end,) = capsys.readouterr().out.splitlines()
    assert end.startswith("dbt build failed after ")
    assert end.endswith(": 5 of 8 done, 1,546 rows, 1 kept, 1 fail, 1 skipped")


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        (["Traceback (most recent call last):", '  File "dbt"', "ImportError: no dbt"], "ImportError: no dbt"),
        (["Error: no such thing", ""], "Error: no such thing"),
        ([], "it said nothing"),
    ],
)
def test_a_dbt_that_cannot_start_says_why(capsys: pytest.CaptureFixture[str], lines: list[str], reason: str) -> None:
    progress = DbtProgress({})
    relayed(capsys, *(f"{line}\n" for line in lines), progress=progress)
    progress.end(1)
    last = capsys.readouterr().out.splitlines()[-1]
    assert last == f"dbt cannot start: {reason}. Check the installation with: make setup"


def test_a_dbt_that_started_needs_no_such_words(capsys: pytest.CaptureFixture[str]) -> None:
    progress = DbtProgress({})
    relayed(capsys, begun(1), progress=progress)
    progress.end(1)
    assert "cannot start" not in capsys.readouterr().out


def test_a_build_whose_dbt_cannot_start_could_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build, "run_stage", lambda _holder, progress, _command: int(progress.stage == "dbt build"))
    assert build.run_stages(Holder(tmp_path), {}, DbtProgress({}), RunLog()) == ("dbt build", 2)


def test_what_is_left_is_told_by_the_seconds_of_before(
    capsys: pytest.CaptureFixture[str], clock: Callable[[float], None]
) -> None:
    progress = DbtProgress({"model.p.long": 80.0, "model.p.short": 20.0})
    relayed(capsys, begun(2), start("short"), progress=progress)
    clock(10)
    # One at work counts for what it has taken, up to what it should take: 10 of 100 seconds.
    assert progress._left() == "about 1 min 30 s left"
    clock(30)
    assert progress._left() == "about 2 min 0 s left"
    relayed(capsys, made("short"), start("long"), progress=progress)
    clock(50)
    assert progress._left() == "about 1 min 15 s left"
    relayed(capsys, made("long"), progress=progress)
    assert progress._left() == ""


def test_what_is_left_is_told_by_the_share_done_where_nothing_is_known(
    capsys: pytest.CaptureFixture[str], clock: Callable[[float], None]
) -> None:
    progress = DbtProgress({})
    assert progress._left() == ""
    relayed(capsys, begun(100), start("m0"), progress=progress)
    clock(4)
    assert progress._left() == "", "nothing is done yet"
    relayed(capsys, *(made(f"m{number}") for number in range(20)), progress=progress)
    assert progress._left() == "roughly 16 s left"


def test_seconds_of_before_are_those_of_the_last_make_build(
    built_sample: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SBIR_WAREHOUSE_DIR", str(built_sample.folder))
    rows = built_sample.query("select node, performance_duration_seconds from observability.nodes")
    assert sorted(node_seconds().items()) == sorted(rows)
    assert len(node_seconds()) > 150
    monkeypatch.setenv("SBIR_WAREHOUSE_DIR", str(tmp_path))
    assert node_seconds() == {}
    (tmp_path / "build.duckdb").write_bytes(bytes(5000))
    assert node_seconds() == {}


def test_long_stage_is_told_now_and_then(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stage_progress, "SECONDS_BETWEEN_LINES", 0.05)
    monkeypatch.setattr(stage_progress, "SECONDS_BETWEEN_LOOKS", 0.01)
    progress = StageProgress("load")
    progress.begin()
    due = time.monotonic() + 20
    printed = ""
    while printed.count("load: ") < 3 and time.monotonic() < due:
        time.sleep(0.01)
        printed += capsys.readouterr().out
    progress.end(0)
    told = (printed + capsys.readouterr().out).splitlines()
    assert told[0] == "Stage 1 of 3: load"
    assert told[1].endswith(" s so far")
    assert told[-1].startswith("load done in 0.")
    time.sleep(0.1)
    assert capsys.readouterr().out == "", "nothing is told of it any more"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.04, "0.0 s"), (9.94, "9.9 s"), (9.96, "10 s"), (59.6, "1 min 0 s"), (200, "3 min 20 s"), (3900, "1 h 5 min")],
)
def test_duration_in_words(seconds: float, words: str) -> None:
    assert duration(seconds) == words


def watch(folder: Path, seconds: float, stop: signal.Signals | None = None, **environment: str) -> tuple[int, str]:
    """Run a stage that speaks as dbt does, in a terminal.

    Args:
        folder: for its files.
        seconds: how long it works on its model.
        stop: what it is stopped by at work, if anything.
        environment: what differs from an ordinary terminal.

    Returns:
        Its exit code, and all that the terminal was sent.
    """
    speaker = folder / "speaker.py"
    failure = node_event("LogTestResult", "bad", "fail", "2 of 2 FAIL 1 bad", "error")
    lines = [begun(2), start("good"), "pause", made("good", 46), failure]
    (folder / "watched.py").write_text(WATCHED)
    speaker.write_text(
        "import time\n"
        f"for line in {lines!r}:\n"
        f"    time.sleep({seconds}) if line == 'pause' else print(line, end='', flush=True)\n"
    )
    terminal, inside = pty.openpty()
    ordinary = {name: value for name, value in os.environ.items() if name not in ("CI", "NO_COLOR", "FORCE_COLOR")}
    process = subprocess.Popen(
        [sys.executable, str(folder / "watched.py"), str(speaker), str(folder)],
        cwd=PROJECT,
        env={**ordinary, "TERM": "xterm-256color", "COLUMNS": "80", "LINES": "24", **environment},
        stdin=inside,
        stdout=inside,
        stderr=inside,
    )
    os.close(inside)
    sent = b""
    try:
        while True:
            sent += os.read(terminal, 4096)
            if stop and b"good" in sent:
                process.send_signal(stop)
                stop = None
    except OSError:
        # The system's way to say that nobody holds the terminal any more.
        return process.wait(), sent.decode()
    finally:
        os.close(terminal)
        process.kill()


HIDE_CURSOR, SHOW_CURSOR, RED = "\x1b[?25l", "\x1b[?25h", "\x1b[31m"


def test_terminal_shows_a_live_view_and_gets_its_cursor_back(tmp_path: Path) -> None:
    exit_code, sent = watch(tmp_path, seconds=1.5)
    assert exit_code == 0
    assert sent.index("0/2") < sent.index("at work: good") < sent.index("2 of 2 FAIL 1 bad")
    assert sent.count(HIDE_CURSOR) == 1
    assert sent.rindex(SHOW_CURSOR) > sent.rindex("/2")
    assert f"{RED}2 of 2 FAIL 1 bad" in sent
    assert sent.rstrip().endswith("2 of 2 done, 46 rows, 1 fail")


@pytest.mark.parametrize(("variable", "value"), [("CI", "true"), ("TERM", "dumb")])
def test_terminal_that_nobody_watches_gets_plain_lines(tmp_path: Path, variable: str, value: str) -> None:
    _, sent = watch(tmp_path, 0, None, **{variable: value})
    assert HIDE_CURSOR not in sent
    assert "/2" not in sent
    assert "dbt build: 1 of 2 done, 46 rows" in sent


def test_colour_can_be_switched_off(tmp_path: Path) -> None:
    _, sent = watch(tmp_path, seconds=0, NO_COLOR="1")
    assert HIDE_CURSOR in sent
    assert "2 of 2 FAIL 1 bad" in sent
    assert RED not in sent


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signal_leaves_the_terminal_as_it_was(tmp_path: Path, number: signal.Signals) -> None:
    exit_code, sent = watch(tmp_path, seconds=60, stop=number)
    assert exit_code == 128 + number
    assert sent.count(HIDE_CURSOR) == 1
    told = sent[sent.rindex(SHOW_CURSOR) :].replace(SHOW_CURSOR, "").splitlines()
    assert told[-2:] == ["Stopped at: dbt build.", "Nothing was published."]
    assert "Traceback" not in sent


def test_error_before_dbt_begins_is_told(sample_copy: Warehouse) -> None:
    done = sample_copy.run("scripts/build.py", DBT_PROFILES_DIR="/nowhere")
    assert done.exit_code == 2
    assert "Path '/nowhere' does not exist" in done.output
    assert "Not published: dbt build failed with exit code 2" in done.output
    assert "Traceback" not in done.output

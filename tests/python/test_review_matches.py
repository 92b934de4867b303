"""The review loop: what a person answers is what the decisions file says, and what the next build follows."""

import os
import pty
import select
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner, Result

from conftest import PROJECT, Done, Warehouse
from interface.terminal_text import visible
from review_matches import KEYS, main, prompt
from reviewing.match_decisions import Decision, Pair, read_decisions, write_decisions
from reviewing.queue import Question, Walk, read_queue
from reviewing.screen import short_dollars

COLUMN_TYPES = {
    "queue_rank": "bigint",
    "award_count": "bigint",
    "award_amount": "decimal(38, 2)",
    "first_award_year": "integer",
    "last_award_year": "integer",
    "candidate_rank": "bigint",
    "candidate_score": "double",
}
HOSTILE = "\x1b]0;owned\x07\x1b[2J[bold red]=cmd|' /C calc'!A1[/nope] \"\u202e\u00dcn\u00efc\u00f6de\U0001f600;\\"
PROMPT = prompt(KEYS)
ACME, BETA = ("Acme Inc", "TX"), ("Beta LLC", "")


def question(firm_number: int, rank: int, name: str, state: str | None, amount: str = "1000000") -> Question:
    """A row of the queue; the recipient's hash is made of its ranks, as in r11."""
    return Question(
        queue_rank=firm_number,
        company_name=name,
        company_state=state,
        company_city="Austin",
        company_zip5="78701",
        company_uei="NEWERUEI0001",
        company_duns=None,
        award_count=3,
        award_amount=Decimal(amount),
        first_award_year=2001,
        last_award_year=2009,
        match_status="review",
        candidate_rank=rank,
        candidate_recipient_hash=f"r{firm_number}{rank}",
        candidate_recipient_name=f"RECIPIENT {firm_number}{rank}",
        candidate_recipient_uei="ABCDEFGHJKL1",
        candidate_recipient_duns="012345678",
        candidate_recipient_city="AUSTIN",
        candidate_recipient_state="TX",
        candidate_recipient_zip5="78701",
        candidate_recipient_parent_name="PARENT CO",
        candidate_score=90.0 - rank,
        explanation=f"evidence {firm_number}{rank}",
    )


QUESTIONS = [
    question(1, 1, *ACME, "6800000"),
    question(1, 2, *ACME, "6800000"),
    question(2, 1, "Beta LLC", None, "1200000"),
    question(2, 2, "Beta LLC", None, "1200000"),
]


@dataclass(frozen=True)
class Desk:
    """A working file with a queue, a decisions file, and the script run on them."""

    folder: Path

    @property
    def path(self) -> Path:
        return self.folder / "decisions.csv"

    @property
    def sheet(self) -> Path:
        return self.folder / "sheet.csv"

    @property
    def working(self) -> Path:
        return self.folder / "build.duckdb"

    @property
    def command(self) -> list[str]:
        return [sys.executable, "scripts/review_matches.py", "--decisions", str(self.path)]

    def fill(self, questions: list[Question]) -> None:
        columns = ", ".join(f"{name} {COLUMN_TYPES.get(name, 'varchar')}" for name in Question._fields)
        with duckdb.connect(str(self.working)) as connection:
            connection.execute("create schema if not exists quality")
            connection.execute(f"create or replace table quality.rpt_review_queue ({columns})")
            for row in reversed(questions):
                marks = ", ".join("?" * len(row))
                connection.execute(f"insert into quality.rpt_review_queue values ({marks})", list(row))

    def run(self, *arguments: str, answers: str = "") -> Result:
        return CliRunner().invoke(main, ["--decisions", str(self.path), *arguments], input=answers)

    def decided(self) -> dict[str, str]:
        return {pair.recipient_hash: decision.decision for pair, decision in read_decisions(self.path).items()}


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setenv("SBIR_WAREHOUSE_DIR", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "100")
    new = Desk(tmp_path)
    new.fill(QUESTIONS)
    return new


def asked(result: Result | Done) -> list[str]:
    """The candidates that were asked about, in order."""
    return [line.split()[-1] for line in result.output.splitlines() if line.startswith("Score")]


def refusal(result: Result | Done) -> str:
    """The one line of a refusal with exit code 2."""
    assert result.exit_code == 2, result.output
    (line,) = [line for line in result.output.splitlines() if line.startswith("Error: ")]
    assert "Traceback" not in result.output
    return line


def test_answers_are_kept_by_name_state_and_hash(desk: Desk) -> None:
    result = desk.run(answers="d\ns\nunsure\nSkip\n")
    assert result.exit_code == 0, result.output
    assert read_decisions(desk.path) == {
        Pair("Acme Inc", "TX", "r11"): Decision("different", date.today(), ""),
        Pair("Acme Inc", "TX", "r12"): Decision("same", date.today(), ""),
        Pair("Beta LLC", "", "r21"): Decision("unsure", date.today(), ""),
    }
    assert asked(result) == ["11", "12", "21", "22"]
    assert result.output.splitlines()[-1].startswith(f"All was asked: 3 decisions made, kept in {desk.path}. ")


def test_same_moves_on_to_the_next_firm(desk: Desk) -> None:
    assert asked(desk.run(answers="s\ns\n")) == ["11", "21"]
    assert desk.decided() == {"r11": "same", "r21": "same"}


def test_both_sides_and_the_evidence_are_shown(desk: Desk) -> None:
    output = desk.run(answers="q\n").output
    for text in (
        *("Acme Inc", "TX", "Austin", "78701", "3", "$6,800,000", "2001 to 2009"),
        *("RECIPIENT 11", "ABCDEFGHJKL1", "012345678", "AUSTIN", "PARENT CO"),
        *("candidate 1 of 2", "Score 89.0: evidence 11", "candidate 2, score 88.0: RECIPIENT 12, AUSTIN, TX, 78701"),
    ):
        assert text in output


def test_progress_counts_firms_and_money(desk: Desk) -> None:
    output = desk.run(answers="d\nd\nu\nq\n").output
    assert [line for line in output.splitlines() if line.startswith("Firm")] == [
        "Firm 1 of 2, $0 decided of $8.0 M",
        "Firm 1 of 2, $0 decided of $8.0 M",
        "Firm 2 of 2, $6.8 M decided of $8.0 M",
        "Firm 2 of 2, $6.8 M decided of $8.0 M",
    ]
    assert "Firm 2 of 2, $6.8 M decided of $8.0 M" in desk.run(answers="q\n").output


def test_a_session_goes_on_where_the_last_one_stopped(desk: Desk) -> None:
    assert "Stopped: 1 decision made, kept in" in desk.run(answers="d\nq\n").output
    assert asked(desk.run(answers="s\nq\n")) == ["12", "21"]
    assert asked(desk.run(answers="u\nu\n")) == ["21", "22"]
    done = desk.run()
    assert done.output == (
        "Nothing to review: all of the queue is decided. 2 pairs left unsure: --unsure asks again. "
        "To apply decisions: make build\n"
    )
    again = desk.run("--unsure", answers="s\n")
    assert asked(again) == ["21"]
    assert f"changed: 'Beta LLC' in '' and recipient r21: was unsure ({date.today()}), is same" in again.output


def test_undo_takes_answers_back_one_by_one_on_disk_too(desk: Desk) -> None:
    write_decisions(desk.path, {Pair(*ACME, "r11"): Decision("unsure", date(2024, 1, 2), "ask Bob")})
    before = desk.path.read_bytes()
    result = desk.run("--unsure", answers="s\nk\nd\nz\nz\nz\nz\n")
    assert asked(result) == ["11", "21", "22", *("22", "21", "11", "11")]
    assert "Nothing is left to undo" in result.output
    assert "no decision made" in result.output.splitlines()[-1]
    assert desk.path.read_bytes() == before


def test_a_note_outlives_another_decision(desk: Desk) -> None:
    write_decisions(desk.path, {Pair(*ACME, "r11"): Decision("unsure", date(2024, 1, 2), "ask Bob")})
    desk.run("--unsure", answers="d\n")
    assert read_decisions(desk.path)[Pair(*ACME, "r11")] == Decision("different", date.today(), "ask Bob")


def test_the_very_last_answer_can_be_undone(desk: Desk) -> None:
    result = desk.run(answers="s\ns\nz\nd\nd\n")
    assert asked(result) == ["11", "21", "21", "22"]
    assert "All was asked: 3 decisions made" in result.output
    assert desk.decided() == {"r11": "same", "r21": "different", "r22": "different"}


def test_an_unknown_line_is_not_answered_by_the_next_one(desk: Desk) -> None:
    line = refusal(desk.run(answers="d\nyes\ns\n"))
    assert "The answer 'yes' is none of same, different, unsure, skip, undo, quit" in line
    assert desk.decided() == {"r11": "different"}
    assert "'same' is none of undo, quit" in refusal(desk.run(answers="s\ns\nsame\n"))
    assert desk.decided() == {"r11": "different", "r12": "same", "r21": "same"}


def test_a_decision_taken_meanwhile_is_not_overwritten_silently(desk: Desk) -> None:
    walk = Walk(desk.path, QUESTIONS, ask_unsure=False)
    write_decisions(desk.path, {Pair(*ACME, "r11"): Decision("unsure", date(2024, 1, 2), "theirs")})
    old = walk.answer("different")
    assert old == Decision("unsure", date(2024, 1, 2), "theirs")
    assert desk.decided() == {"r11": "different"}
    walk.undo()
    assert desk.decided() == {"r11": "unsure"}
    write_decisions(desk.path, {Pair(*ACME, "r12"): Decision("same", date(2024, 1, 2), "theirs")})
    walk.skip()
    following = walk.question()
    assert following is not None
    assert following.firm == BETA


def test_hostile_names_do_nothing_to_the_terminal_and_are_kept_exactly(desk: Desk) -> None:
    hostile = question(1, 1, HOSTILE, "TX")._replace(
        candidate_recipient_name=HOSTILE,
        candidate_recipient_city=HOSTILE,
        candidate_recipient_hash="h",
        explanation=HOSTILE,
    )
    desk.fill([hostile, hostile._replace(candidate_rank=2, candidate_recipient_hash="i")])
    first = desk.run(answers="u\nq\n")
    again = desk.run("--unsure", answers="s\n")
    for result in (first, again):
        assert result.exit_code == 0, result.output
        assert [c for c in result.output if not c.isprintable() and c != "\n"] == []
    assert "[bold red]" in first.output
    assert list(read_decisions(desk.path)) == [Pair(HOSTILE, "TX", "h")]


def test_a_terminal_without_unicode_is_enough(desk: Desk) -> None:
    desk.fill([question(1, 1, HOSTILE, "TX")])
    done = subprocess.run(
        desk.command,
        cwd=PROJECT,
        env={**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"},
        input="s\nq\n",
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert list(read_decisions(desk.path)) == [Pair(HOSTILE, "TX", "r11")]


def test_a_sheet_brings_the_decisions_of_a_spreadsheet(desk: Desk) -> None:
    hostile = [row._replace(company_name=HOSTILE + row.company_name) for row in QUESTIONS]
    desk.fill(hostile)
    write_decisions(desk.path, {hostile[1].pair: Decision("different", date(2024, 1, 2), "")})
    exported = desk.run("--export", str(desk.sheet))
    assert exported.exit_code == 0, exported.output
    assert "Wrote 3 pairs of 2 firms" in exported.output
    with duckdb.connect() as connection:
        sheet = f"read_csv('{desk.sheet}', all_varchar = true)"
        filled = (
            f"select * replace (if(candidate_rank = '1', 'same', null) as decision, 'a, \"note\"' as note) from {sheet}"
        )
        connection.execute(f"create table filled as {filled}")
        connection.execute(f"copy filled to '{desk.sheet}' (header)")
    imported = desk.run("--import", str(desk.sheet))
    assert imported.exit_code == 0, imported.output
    assert "2 decisions in" in imported.output
    assert "2 new, 0 changed, 0 on file already" in imported.output
    assert read_decisions(desk.path) == {
        hostile[0].pair: Decision("same", date.today(), 'a, "note"'),
        hostile[1].pair: Decision("different", date(2024, 1, 2), ""),
        hostile[2].pair: Decision("same", date.today(), 'a, "note"'),
    }
    before = desk.path.read_bytes()
    assert "0 new, 0 changed, 2 on file already" in desk.run("--import", str(desk.sheet)).output
    assert desk.path.read_bytes() == before


def write_rows(desk: Desk, *rows: str) -> None:
    header = "company_name,company_state,candidate_recipient_hash,decision,note"
    desk.sheet.write_text("\n".join((header, *rows)) + "\n", encoding="utf-8")


def test_import_says_which_decisions_it_changes(desk: Desk) -> None:
    write_decisions(desk.path, {Pair(*ACME, "r11"): Decision("different", date(2024, 1, 2), "")})
    write_rows(desk, "Acme Inc,TX,r11,same,", "Acme Inc,TX,r12,different,")
    output = desk.run("--import", str(desk.sheet)).output
    assert "changed: 'Acme Inc' in 'TX' and recipient r11: was different (2024-01-02), is same\n" in output
    assert "2 decisions in" in output
    assert "1 new, 1 changed, 0 on file already" in output
    assert desk.decided() == {"r11": "same", "r12": "different"}


@pytest.mark.parametrize(
    ("rows", "complaint"),
    [
        (["Acme Inc,TX,r11,different,", "Acme Inc,TX,r12,ja,"], "row 3: the decision 'ja' is none of"),
        (["Acme Inc,TX,r11,same,", "Acme Inc,TX,r11,unsure,"], "row 3: 'Acme Inc' in 'TX' and recipient r11"),
        (["Acme Inc,TX,r11,same,"], "the same as two recipients, r12 (decided before) and r11 (row 2)"),
        (["Beta LLC,,r21,same,", "Beta LLC,,r22,same,"], "the same as two recipients, r21 (row 2) and r22 (row 3)"),
        (["Acme Inc,TX,r11,different,", "01-Mar,TX,r21,same,"], "row 3: the company '01-Mar' in 'TX'"),
        (['Acme Inc,TX,r11,different,"'], "line 2: its quotes do not pair up"),
    ],
)
def test_import_refuses_the_whole_sheet(desk: Desk, rows: list[str], complaint: str) -> None:
    write_decisions(desk.path, {Pair(*ACME, "r12"): Decision("same", date(2024, 1, 2), "")})
    before = desk.path.read_bytes()
    write_rows(desk, *rows)
    assert complaint in refusal(desk.run("--import", str(desk.sheet)))
    assert desk.path.read_bytes() == before


def test_export_overwrites_nothing(desk: Desk) -> None:
    desk.sheet.write_text("my work", encoding="utf-8")
    assert "is there already" in refusal(desk.run("--export", str(desk.sheet)))
    assert desk.sheet.read_text(encoding="utf-8") == "my work"


def test_what_stands_in_the_way_is_said_in_one_line(desk: Desk) -> None:
    assert "Cannot read" in refusal(desk.run("--import", str(desk.folder / "nowhere.csv")))
    desk.path.write_text("nonsense\n", encoding="utf-8")
    assert f"{desk.path} line 1" in refusal(desk.run())
    with duckdb.connect(str(desk.working)) as connection:
        done = subprocess.run(desk.command, cwd=PROJECT, capture_output=True, text=True, check=False)
        assert "is in use by process" in refusal(Done(done.returncode, done.stderr))
        connection.execute("drop table quality.rpt_review_queue")
    assert "lacks quality.rpt_review_queue as this version makes it. Run: make build" in refusal(desk.run())
    desk.working.write_text("no database, but long enough to be taken for one" * 100, encoding="utf-8")
    assert "is damaged" in refusal(desk.run())
    desk.working.unlink()
    assert "Make it with: make build" in refusal(desk.run())


def test_an_empty_queue_asks_nothing(desk: Desk) -> None:
    desk.fill([])
    assert desk.run().output == "Nothing to review: the queue is empty\n"


def test_ctrl_c_in_a_pipe_leaves_off_cleanly(desk: Desk) -> None:
    """The signal, that is, where no terminal turns the key into a character."""
    with subprocess.Popen(
        desk.command, cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(b"d\n")
        process.stdin.flush()
        output = b""
        while output.count(PROMPT.encode()) < 2:
            output += os.read(process.stdout.fileno(), 4096)
        process.send_signal(signal.SIGINT)
        rest = process.stdout.read()
        assert process.wait(timeout=30) == 0, rest
    assert b"Stopped: 1 decision made" in rest
    assert b"Traceback" not in rest
    assert desk.decided() == {"r11": "different"}


class Terminal:
    """The script in a pseudo-terminal, with a person who waits for each question before pressing a key."""

    def __init__(self, desk: Desk) -> None:
        self.master, self.slave = pty.openpty()
        self.settings = termios.tcgetattr(self.slave)
        self.output = ""
        self.process = subprocess.Popen(
            desk.command,
            cwd=PROJECT,
            env={**os.environ, "TERM": "xterm-256color"},
            stdin=self.slave,
            stdout=self.slave,
            stderr=self.slave,
        )

    def wait_for(self, count: int) -> None:
        """Read until that many questions were asked and the terminal takes single keys."""
        deadline = time.monotonic() + 30
        while self.output.count(PROMPT) < count or termios.tcgetattr(self.slave)[3] & termios.ICANON:
            assert time.monotonic() < deadline, self.output
            self.read()

    def read(self) -> None:
        if select.select([self.master], [], [], 0.05)[0]:
            self.output += os.read(self.master, 65536).decode()

    def press(self, keys: bytes) -> None:
        os.write(self.master, keys)

    def close(self) -> int:
        deadline = time.monotonic() + 30
        while self.process.poll() is None and time.monotonic() < deadline:
            self.read()
        self.read()
        return self.process.wait(timeout=1)


@pytest.fixture
def terminal(desk: Desk) -> Iterator[Terminal]:
    opened = Terminal(desk)
    yield opened
    opened.process.kill()
    opened.process.wait()
    os.close(opened.master)
    os.close(opened.slave)


@pytest.mark.parametrize("leave", [b"q", b"\x03", b"\x04"], ids=["q", "ctrl-c", "ctrl-d"])
def test_one_key_answers_in_a_terminal(desk: Desk, terminal: Terminal, leave: bytes) -> None:
    for count, key in enumerate((b"d", b"s", b"z", b"u"), start=1):
        terminal.wait_for(count)
        terminal.press(key)
    terminal.wait_for(5)
    # Keys that mean nothing, an arrow among them, decide nothing; nobody's build has to wait for the person.
    terminal.press(b"x\x1b[A")
    with duckdb.connect(str(desk.working)) as connection:
        connection.execute("create table built as select 1")
    terminal.wait_for(5)
    assert desk.decided() == {"r11": "different", "r12": "unsure"}
    terminal.press(leave)
    assert terminal.close() == 0, terminal.output
    assert "Stopped: 2 decisions made" in terminal.output
    assert "Traceback" not in terminal.output
    assert termios.tcgetattr(terminal.slave) == terminal.settings
    assert desk.decided() == {"r11": "different", "r12": "unsure"}


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("0", "$0"),
        ("950", "$950"),
        ("768000", "$768 k"),
        ("999960", "$1.0 M"),
        ("1249000", "$1.2 M"),
        ("3400000000", "$3.4 B"),
    ],
)
def test_amounts_are_short(amount: str, text: str) -> None:
    assert short_dollars(Decimal(amount)) == text


def test_visible_text_is_printable() -> None:
    assert visible("a\x1b[2Jb\u202e\u00fc\U0001f600") == "a\\x1b[2Jb\\u202e\u00fc\U0001f600"
    assert visible(None) == ""


def test_the_next_build_follows_the_decisions(
    sample_copy: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On the sample, by the script and dbt themselves; the project's own seed stays out of it."""
    project = tmp_path / "project"
    project.mkdir()
    for name in ("dbt_project.yml", "macros", "models", "seeds", "tests"):
        (project / name).symlink_to(PROJECT / name)
    (project / "seeds").unlink()
    (project / "seeds").mkdir()
    for seed in (PROJECT / "seeds").iterdir():
        if seed.name != "match_decisions.csv":
            (project / "seeds" / seed.name).symlink_to(seed)
    monkeypatch.setenv("SBIR_WAREHOUSE_DIR", str(sample_copy.folder))
    questions = read_queue()
    linked = questions[0]
    refused = next(row for row in questions if row.firm != linked.firm)
    path = project / "seeds" / "match_decisions.csv"
    hostile = Pair(HOSTILE, "TX", "gone")
    write_decisions(path, {hostile: Decision("unsure", date(2024, 1, 2), "'quoted'")})
    done = CliRunner().invoke(main, ["--decisions", str(path)], input="s\nd\nq\n")
    assert "2 decisions made" in done.output
    waiting = sample_copy.query("select candidate_recipient_hash, firm_key from quality.rpt_review_queue")
    keys = {str(recipient): firm_key for recipient, firm_key in waiting}
    refused_hash = refused.candidate_recipient_hash

    built = sample_copy.dbt("build", "--exclude-resource-type", "unit_test", "--project-dir", str(project))
    assert built.exit_code == 0, built.output
    links = sample_copy.query(
        f"""select distinct _usaspending_match_status, _usaspending_match_method, usaspending_recipient_hash
        from enrichment.enriched_sbir_awards where firm_key = '{keys[linked.candidate_recipient_hash]}'"""
    )
    assert links == [("matched", "reviewed", linked.candidate_recipient_hash)]
    refused_links = sample_copy.query(
        f"""select count(*) > 0, count(*) filter (where usaspending_recipient_hash = '{refused_hash}')
        from enrichment.enriched_sbir_awards where firm_key = '{keys[refused_hash]}'"""
    )
    assert refused_links == [(True, 0)]
    assert {question.pair for question in read_queue()}.isdisjoint({linked.pair, refused.pair})
    kept = sample_copy.query("select * from staging.match_decisions where recipient_hash = 'gone'")
    assert kept == [(*hostile, "unsure", date(2024, 1, 2), "'quoted'")]

"""What comes from outside does nothing to a terminal and nothing in a spreadsheet, whichever command shows it."""

from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner

import rollback
from fetching.http_answers import FetchError
from fetching.progress import Watch
from match_names import write_links

HOSTILE = "\x1b]0;owned\x07\x1b[2J\u202e\r"


def test_versions_show_file_names_as_they_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "versions" / "000001"
    folder.mkdir(parents=True)
    with duckdb.connect(str(folder / "sbir.duckdb")) as connection:
        connection.execute("create schema observability")
        connection.execute(
            "create table observability.publication as select 1 as version, timestamp '2026-01-02' as published_at, "
            "2 as awards, 0.5::double as match_rate, ? as sources, false as is_sample",
            [f"a[final].csv [red]b :smile: {HOSTILE}"],
        )
        connection.execute("create table observability.loads as select false as is_sample, true as is_current")
    monkeypatch.setenv("SBIR_WAREHOUSE_DIR", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "200")
    listed = CliRunner().invoke(rollback.main, ["--list"]).output
    assert "a[final].csv [red]b :smile: \\x1b]0;owned\\x07\\x1b[2" in listed
    assert "\x1b" not in listed


def test_fetching_says_what_a_server_sends_without_obeying_it(capsys: pytest.CaptureFixture[str]) -> None:
    Watch("awards").say(f"https://host answers 503 {HOSTILE}")
    shown = capsys.readouterr().err + FetchError(f"answers 404 {HOSTILE}").format_message()
    assert shown.count("\\x1b[2J") == 2
    assert not any(character in shown for character in HOSTILE.replace("]0;owned", "").replace("[2J", ""))


def test_links_of_any_lists_hold_no_formula(tmp_path: Path) -> None:
    rows = [("=cmd|'/c calc'!A0", "+1", 100.0, "matched", "@SUM(A1)"), ("plain", 'a,"b"', None, "review", None)]
    with duckdb.connect() as connection:
        connection.execute(
            "create table answers "
            "(query_id text, recipient_row_id text, score decimal(5, 2), status text, explanation text)"
        )
        connection.executemany("insert into answers values (?, ?, ?, ?, ?)", rows)
        write_links(connection, tmp_path / "links.csv")
    assert (tmp_path / "links.csv").read_text(encoding="utf-8").splitlines() == [
        "query_id,recipient_row_id,score,status,explanation",
        '"\'=cmd|\'/c calc\'!A0","\'+1",100.00,matched,"\'@SUM(A1)"',
        'plain,"a,""b""",,review,',
    ]

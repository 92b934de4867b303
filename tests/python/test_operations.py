"""What docs/operations.md names is there: variables, commands, queries, anchors, and the lines that are printed."""

import re

import duckdb
import pytest
from conftest import PROJECT, Warehouse

TEXT = (PROJECT / "docs" / "operations.md").read_text(encoding="utf-8")
QUERIES = re.findall(r'duckdb -readonly warehouse/build[.]duckdb "([^"]+)"', TEXT) + [
    query for query in re.findall(r"`([^`]+)`", TEXT) if re.match(r"(select|from) ", query)
]
# A piece of a line that is worth looking for.
SHORTEST = 4
FOLDERS = ("scripts", "macros", "profiles", "python_udfs")


def sources() -> str:
    """The code that reads variables and prints lines, with texts that are written in several pieces joined."""
    files = [
        path for folder in FOLDERS for path in (PROJECT / folder).rglob("*") if path.suffix in {".py", ".sql", ".yml"}
    ]
    text = "\n".join(
        path.read_text(encoding="utf-8") for path in [*files, PROJECT / "Makefile", PROJECT / ".ci" / "run"]
    )
    return re.sub(r"[\"']\s*(?:~|\n)\s*f?[\"']", "", text)


def section(title: str) -> str:
    found = re.search(rf"^## {title}\n(.*?)(?=^## |\Z)", TEXT, re.MULTILINE | re.DOTALL)
    assert found, title
    return found[1]


def printed_lines() -> list[str]:
    cells = re.findall(r"^\| (`.+?) \|", section("Troubleshooting"), re.MULTILINE)
    return [line for cell in cells for line in re.findall(r"`([^`]+)`", cell)]


def test_every_variable_that_the_code_reads_is_in_the_table_and_no_other() -> None:
    described = re.findall(r"^\| `(SBIR_[A-Z_]+)` \|", section("Environment variables"), re.MULTILINE)
    assert len(described) == len(set(described))
    assert set(described) == set(re.findall(r"\bSBIR_[A-Z_]+", sources()))


def test_every_variable_named_elsewhere_in_the_documents_exists() -> None:
    known = set(re.findall(r"\bSBIR_[A-Z_]+", sources()))
    for file in (*(PROJECT / "docs").glob("*.md"), PROJECT / "README.md", PROJECT / "CONTRIBUTING.md"):
        assert set(re.findall(r"\bSBIR_[A-Z_]+", file.read_text(encoding="utf-8"))) <= known, file.name


def test_every_command_exists() -> None:
    makefile = (PROJECT / "Makefile").read_text(encoding="utf-8")
    targets = re.findall(r"^([a-z-]+):", makefile, re.MULTILINE)
    named = re.findall(r"(?:^    |`)make ([a-z-]+)", TEXT, re.MULTILINE)
    assert len(named) > 10
    assert [name for name in named if name not in targets] == []
    paths = re.findall(r"\b((?:scripts|seeds|macros|tests)/[\w./]+\w)", TEXT)
    assert [path for path in paths if not (PROJECT / path).exists()] == []


def test_every_link_leads_somewhere() -> None:
    headings = {
        re.sub(r"[^\w\s-]", "", title.lower()).replace(" ", "-") for title in re.findall(r"^## (.+)$", TEXT, re.M)
    }
    for target in re.findall(r"\]\(([^)]+)\)", TEXT):
        assert target[1:] in headings if target.startswith("#") else (PROJECT / "docs" / target).exists(), target


@pytest.mark.parametrize("line", printed_lines())
def test_a_line_of_the_troubleshooting_is_what_the_code_prints(line: str) -> None:
    """Whatever stands between two variable parts is somewhere in the code, so a line that is worded anew is noticed."""
    code = sources()
    pieces = [piece.strip(" '().") for piece in re.split(r"…|SBIR_[A-Z_]+=?'?|SIGKILL", line)]
    assert any(len(piece) > SHORTEST for piece in pieces)
    assert [piece for piece in pieces if len(piece) > SHORTEST and piece not in code] == []


@pytest.mark.parametrize("query", QUERIES)
def test_a_query_runs_on_the_working_file(built_sample: Warehouse, query: str) -> None:
    with duckdb.connect(str(built_sample.working), read_only=True) as connection:
        connection.execute(query)

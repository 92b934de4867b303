"""What docs and workflows name is there: commands, scripts, settings, gates, rules; and the guide's queries run."""

import csv
import re
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from conftest import PROJECT, Warehouse
from documented_queries import sql_blocks

GUIDE = PROJECT / "docs" / "operations.md"
PAGES = [PROJECT / "README.md", PROJECT / "CONTRIBUTING.md", *sorted((PROJECT / "docs").glob("*.md"))]
WORKFLOWS = sorted((PROJECT / ".github" / "workflows").glob("*.yml"))
CODE_FOLDERS = ("scripts", "macros", "profiles", "python_udfs", "models")
SETTING = re.compile(r"\bSBIR_[A-Z_]+\b")
# At the beginning of a line, or after what ends a command or sets a variable for it.
TARGET = re.compile(r"(?:^|[;:&|{=]|\b[A-Z_]+=\S+ )[ $]*make ([a-z][a-z-]*)", re.MULTILINE)
PROJECT_PATH = re.compile(r"(?<![\w/.])(?:scripts|seeds|macros|docs|benchmarks|data/sample|\.ci)/[\w/.-]*\w")
# Blocks between fences, indented blocks, and code within a line: there `make` is the command and not the verb.
CODE = re.compile(r"^```.*?^```|^ {4,}[^\n]*$|`[^`]+`", re.MULTILINE | re.DOTALL)


def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def make_targets() -> set[str]:
    return set(re.findall(r"^([a-z][a-z-]*):", text_of(PROJECT / "Makefile"), re.MULTILINE))


def settings_of_the_code() -> set[str]:
    files = [PROJECT / "Makefile", *(file for name in CODE_FOLDERS for file in (PROJECT / name).rglob("*.*"))]
    return {name for file in files if file.suffix != ".pyc" for name in SETTING.findall(text_of(file))}


def settings_of_the_guide() -> dict[str, str]:
    """The rows of the table by variable."""
    return dict(re.findall(r"^\| `(SBIR_[A-Z_]+)` \|(.*)$", text_of(GUIDE).split("## Settings")[1], re.MULTILINE))


def missing_paths(text: str) -> list[str]:
    return [path for path in PROJECT_PATH.findall(text) if not (PROJECT / path).exists()]


def workflow_commands(workflow: Path) -> list[str]:
    jobs: dict[str, Any] = yaml.safe_load(text_of(workflow))["jobs"]
    return [
        command.replace("${{ matrix.command }}", choice)
        for job in jobs.values()
        for command in (step.get("run", "") for step in job["steps"])
        for choice in job.get("strategy", {}).get("matrix", {}).get("command", [""])
    ]


def test_guide_lists_every_setting_of_the_code_and_no_other() -> None:
    assert set(settings_of_the_guide()) == settings_of_the_code()


def test_guide_marks_what_only_stages_of_a_build_tell_each_other() -> None:
    internal = {name for name, row in settings_of_the_guide().items() if "internal" in row}
    assert internal == {"SBIR_BUILDER", "SBIR_RUN_ID"}


def test_every_alert_rule_is_in_the_guide() -> None:
    alerts = text_of(GUIDE).split("## Alerts")[1].split("## Run history")[0]
    with (PROJECT / "seeds" / "alert_rules.csv").open(encoding="utf-8", newline="") as lines:
        rules = [row["rule"] for row in csv.DictReader(lines)]
    assert rules
    assert [rule for rule in rules if f"`{rule}`" not in alerts] == []


def test_every_gate_is_in_the_guide() -> None:
    gates = re.findall(r"^ +'(\w+)' as gate,", text_of(PROJECT / "macros" / "gates" / "gate_checks.sql"), re.MULTILINE)
    assert len(gates) >= 5
    assert [gate for gate in gates if f"\n### {gate}\n" not in text_of(GUIDE)] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_and_files_of_a_page_exist(page: Path) -> None:
    code = "\n".join(block.strip("`") for block in CODE.findall(text_of(page)))
    assert {target for target in TARGET.findall(code) if target not in make_targets()} == set()
    assert missing_paths(code) == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_of_a_page_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", text_of(page)):
        if "://" in target:
            continue
        file, _, anchor = target.partition("#")
        linked = (page.parent / file).resolve() if file else page
        assert linked.exists(), target
        if anchor:
            headings = re.findall(r"^#+ (.+)$", text_of(linked), re.MULTILINE)
            assert anchor in {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}, target


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda workflow: workflow.name)
def test_commands_of_a_workflow_exist(workflow: Path) -> None:
    commands = "\n".join(workflow_commands(workflow))
    targets = TARGET.findall(commands)
    assert targets or PROJECT_PATH.findall(commands)
    assert set(targets) <= make_targets()
    assert missing_paths(commands) == []


def test_only_the_job_that_comments_may_write_and_it_runs_no_code_of_the_project() -> None:
    jobs: dict[str, Any] = {}
    for workflow in WORKFLOWS:
        described = yaml.safe_load(text_of(workflow))
        assert described["permissions"] == {"contents": "read"}
        jobs |= described["jobs"]
    assert {name: job["permissions"] for name, job in jobs.items() if "permissions" in job} == {
        "comment": {"pull-requests": "write"}
    }
    comment = jobs["comment"]
    assert not any("checkout" in step.get("uses", "") for step in comment["steps"])
    # A fork's token cannot write.
    assert "github.event.pull_request.head.repo.full_name == github.repository" in comment["if"]


@pytest.mark.parametrize("query", sql_blocks(GUIDE))
def test_query_of_the_guide_runs_on_the_working_file(built_sample: Warehouse, query: str) -> None:
    with duckdb.connect(str(built_sample.working), read_only=True) as connection:
        for statement in connection.extract_statements(query):
            assert connection.execute(statement).description

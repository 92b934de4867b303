"""What the workflows call exists, only one job may write, and its comment is made of whatever the others left."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from conftest import PROJECT

WORKFLOWS = sorted((PROJECT / ".github" / "workflows").glob("*.yml"))
TARGETS = re.findall(r"^([a-z-]+):", (PROJECT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
LARGEST_COMMENT = 65_536


def jobs(file: Path) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))["jobs"]
    return found


def commands(file: Path) -> Iterator[str]:
    """The shell of every step, with the matrix filled in."""
    for job in jobs(file).values():
        chosen = job.get("strategy", {}).get("matrix", {}).get("command", [""])
        for step in job["steps"]:
            for value in chosen:
                yield step.get("run", "").replace("${{ matrix.command }}", value)


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.stem)
def test_what_a_workflow_calls_is_there(file: Path) -> None:
    shell = "\n".join(commands(file))
    targets = re.findall(r"^\s*make ([a-z-]+)", shell, re.MULTILINE)
    paths = re.findall(r"(?<![\w./])((?:scripts|benchmarks|[.]ci)/[\w./-]+)", shell)
    assert targets or paths
    assert [target for target in targets if target not in TARGETS] == []
    assert [path for path in paths if not (PROJECT / path).exists()] == []


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.stem)
def test_the_shell_of_every_step_can_be_read(file: Path) -> None:
    for command in commands(file):
        done = subprocess.run(["bash", "-n"], input=command, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, ""), command


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.stem)
def test_only_the_job_that_comments_may_write(file: Path) -> None:
    assert yaml.safe_load(file.read_text(encoding="utf-8"))["permissions"] == {"contents": "read"}
    assert {name: job["permissions"] for name, job in jobs(file).items() if "permissions" in job} == (
        {"comment": {"pull-requests": "write"}} if file.stem == "ci" else {}
    )


def test_setting_up_python_takes_packages_from_the_cache() -> None:
    steps = [step for job in jobs(PROJECT / ".github/workflows/ci.yml").values() for step in job["steps"]]
    setups = [step["with"] for step in steps if step.get("uses", "").startswith("actions/setup-python")]
    assert len(setups) == 3
    assert all(given["cache-dependency-path"] == "requirements.lock" for given in setups)


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ({}, []),
        ({"report/report.md": "# Report", "benchmark/costs.md": "## Costs"}, ["# Report", "## Costs"]),
        ({"benchmark/quality.md": "x" * 100_000}, []),
    ],
    ids=["nothing", "report and benchmark", "too long"],
)
def test_the_comment_is_made_of_what_there_is(tmp_path: Path, parts: dict[str, str], expected: list[str]) -> None:
    for name, text in parts.items():
        part = tmp_path / "parts" / name
        part.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(text, encoding="utf-8")
    (script,) = [step["run"] for step in jobs(WORKFLOWS[0])["comment"]["steps"] if "comment.md" in step.get("run", "")]
    subprocess.run(
        ["bash", "-e", "-c", script], cwd=tmp_path, env={"RUN": "the run", "PATH": "/usr/bin:/bin"}, check=True
    )
    comment = (tmp_path / "short.md").read_text(encoding="utf-8")
    assert all(text in comment for text in expected)
    assert len(comment) < LARGEST_COMMENT
    assert (tmp_path / "comment.md").read_text(encoding="utf-8").endswith("as files: the run\n")

"""make hands values on as they were given: none is run as a command, and a variable that is not known is refused."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import PROJECT

# Stands in for the scripts: says what it was given, each word ended by a NUL.
SCRIPT = """#!/bin/sh
printf '%s\\0' "$@" "$SBIR_ALERT_COMMAND"
"""
HOSTILE = [
    "$(shell touch ran)",
    "`touch ran`",
    '"; touch ran; "',
    "'; touch ran; '",
    "1; touch ran",
    "$(touch ran)",
    "a$b $$c (1).csv",
    "--config=ran",
    "a#b\\ c\nd*",
]
# By target: its variable and the option that it becomes.
OPTIONS = [
    ("load", "AWARDS", "--awards"),
    ("build", "RECIPIENTS", "--recipients"),
    ("build", "PRIME_AWARDS", "--prime-awards"),
    ("rollback", "VERSION", "--to"),
    ("diff", "FROM", "--from"),
    ("diff", "TO", "--to"),
    ("fetch", "TO", "--to"),
    ("evaluate", "LABELS", "--labels"),
    ("soak", "SEED", "--seed"),
    ("soak", "SOAK_MINUTES", "--minutes"),
]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The Makefile, with a script in place of Python."""
    shutil.copy(PROJECT / "Makefile", tmp_path)
    (tmp_path / "scripts" / "interface").mkdir(parents=True)
    shutil.copy(PROJECT / "scripts" / "interface" / "closest_name.py", tmp_path / "scripts" / "interface")
    (tmp_path / "requirements.lock").touch()
    programs = tmp_path / ".venv" / "bin"
    programs.mkdir(parents=True)
    for name in ("python", "pytest"):
        (programs / name).write_text(SCRIPT)
        (programs / name).chmod(0o700)
    (tmp_path / ".venv" / ".installed").touch()
    return tmp_path


def make(project: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    return subprocess.run(
        ["make", "--silent", f"PYTHON={sys.executable}", *arguments],
        cwd=project,
        env={**environment, **variables},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("value", HOSTILE)
def test_values_reach_the_script_and_run_nowhere(project: Path, value: str) -> None:
    for target, variable, option in OPTIONS:
        given = make(project, target, f"{variable}={value}")
        assert f"{option}={value}\0" in given.stdout, given
    assert f"--awards={value}\0" in make(project, "load", AWARDS=value).stdout
    given = make(project, "build", f"SBIR_ALERT_COMMAND={value}")
    assert given.stdout.endswith(f"\0{value}\0")
    assert "\0--\0" in make(project, "fetch", f"SOURCES={value}", "FISCAL_YEARS=2024").stdout
    assert f"\0--\0{value}\0" in make(project, "sql", f"SQL={value}").stdout
    assert f"properties and {value}" in make(project, "fuzz", f"FUZZ={value}").stdout
    assert not (project / "ran").exists()


def test_lists_become_words(project: Path) -> None:
    given = make(project, "fetch", "SOURCES=awards contracts", "FISCAL_YEARS=2023 2024").stdout.split("\0")
    assert given[1:6] == ["--fiscal-year=2023", "--fiscal-year=2024", "--", "awards", "contracts"]


@pytest.mark.parametrize(
    ("given", "closest"),
    [("AWARD", "AWARDS"), ("awards", "AWARDS"), ("VERSON", "VERSION")],
)
@pytest.mark.parametrize("value", ["x", "$(shell touch ran)"])
def test_an_unknown_variable_is_refused_with_the_closest(project: Path, given: str, closest: str, value: str) -> None:
    done = make(project, "build", f"{given}={value}")
    assert (done.returncode, done.stdout) == (2, "")
    assert f"{given} is not a variable of this Makefile; the closest is {closest}. " in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert not (project / "ran").exists()


def test_a_switch_takes_yes_alone(project: Path) -> None:
    assert "--working\0" in make(project, "validate", "WORKING=yes").stdout
    assert "--working\0" not in make(project, "validate", "WORKING=").stdout
    assert make(project, "validate", "WORKING=no").returncode == 2

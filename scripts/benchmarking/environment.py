"""Where a benchmark ran and on what: without it, two results cannot be compared."""

import hashlib
import platform
import subprocess
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psutil

GIBIBYTE = 1024**3
PACKAGES = ("dbt-core", "dbt-duckdb", "duckdb", "rapidfuzz", "pyarrow")
# What must agree for times and memory to be comparable.
HARDWARE = ("cpu", "cores", "memory_gb", "system")
CHUNK = 1 << 20


def read_cpu() -> str:
    """The processor's name, as the system gives it."""
    information = Path("/proc/cpuinfo")
    if information.exists():
        for line in information.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()


def read_commit(project: Path) -> str | None:
    """The git commit of a checkout, `+` behind it where files differ from it; None outside of git."""
    try:
        commit = subprocess.run(
            ["git", "rev-parse", "HEAD"],  # noqa: S607
            cwd=project,
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        changes = subprocess.run(
            ["git", "status", "--porcelain", "--untracked-files=no"],  # noqa: S607
            cwd=project,
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return None
    return commit + ("+" if changes else "")


def hash_inputs(files: list[Path]) -> str:
    """One digest over the contents of the input files."""
    digest = hashlib.sha256()
    for path in files:
        with path.open("rb") as file:
            while chunk := file.read(CHUNK):
                digest.update(chunk)
    return digest.hexdigest()


def read_environment(project: Path, files: list[Path]) -> dict[str, Any]:
    """Machine, versions, commit and data.

    Args:
        project: the checkout that ran.
        files: the input files.

    Returns:
        cpu, cores, memory_gb, system, python, the version of each package, git_commit, data_sha256.
    """
    return {
        "cpu": read_cpu(),
        "cores": psutil.cpu_count() or 0,
        "memory_gb": round(psutil.virtual_memory().total / GIBIBYTE),
        "system": platform.system(),
        "python": platform.python_version(),
        **{package: version(package) for package in PACKAGES},
        "git_commit": read_commit(project),
        "data_sha256": hash_inputs(files),
    }


def find_differences(current: dict[str, Any], baseline: dict[str, Any]) -> list[str]:
    """Say what keeps the times and memory of two results from being compared.

    Args:
        current: environment of a result.
        baseline: environment of an earlier one; empty where it was not recorded.

    Returns:
        A phrase for each difference in hardware or data; none where nothing is known of the baseline.
    """
    if not baseline:
        return []
    found = [
        f"{name.removesuffix('_gb')} {baseline.get(name)} then, {current.get(name)} now"
        for name in HARDWARE
        if baseline.get(name) != current.get(name)
    ]
    if baseline.get("data_sha256") != current.get("data_sha256"):
        found.append("other input data")
    return found

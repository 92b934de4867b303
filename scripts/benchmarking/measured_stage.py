"""Run one stage of the pipeline in this fresh process and write what it cost.

Usage: measured_stage.py COSTS.json dbt|SCRIPT.py [ARGUMENT ...]; exits as the stage does. The stage may be
of another revision, whose modules come first in `PYTHONPATH`.
"""

import json
import runpy
import sys
import time
from pathlib import Path

import psutil

sys.path.append(str(Path(__file__).parents[1]))
from database.warehouse import peak_memory_mb

MEBIBYTE = 1024 * 1024


def run_dbt(arguments: list[str]) -> int:
    """Run a dbt command in this process.

    Args:
        arguments: the command line after `dbt`.

    Returns:
        dbt's exit code: 0, 1 where a node failed, 2 where dbt could not run.
    """
    # Imported here so that what dbt itself takes counts into the stage.
    from dbt.cli.main import dbtRunner

    result = dbtRunner().invoke(arguments)
    if result.success:
        return 0
    return 2 if result.exception else 1


def run_script(path: str, arguments: list[str]) -> int:
    """Run a script of the project in this process, as `python PATH ARGUMENTS` would.

    Args:
        path: the script.
        arguments: its command line.

    Returns:
        Its exit code.
    """
    sys.argv = [path, *arguments]
    try:
        runpy.run_path(path, run_name="__main__")
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else int(stop.code is not None)
    return 0


def main() -> int:
    """Run the stage, write its cost: seconds, peak_memory_mb, memory_delta_mb (RSS at end - start)."""
    costs_path, stage, *arguments = sys.argv[1:]
    process = psutil.Process()
    rss_at_start = process.memory_info().rss
    started = time.perf_counter()
    exit_code = run_dbt(arguments) if stage == "dbt" else run_script(stage, arguments)
    costs = {
        "seconds": time.perf_counter() - started,
        "peak_memory_mb": peak_memory_mb(),
        "memory_delta_mb": (process.memory_info().rss - rss_at_start) / MEBIBYTE,
    }
    Path(costs_path).write_text(json.dumps(costs), encoding="utf-8")
    return exit_code


if __name__ == "__main__":
    sys.exit(main())

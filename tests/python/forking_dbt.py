"""dbt for the tests: loaded once in a process that forks for every command.

Loading dbt takes longer than what most tests have it do. A fork of a process that has loaded it, and has run
no command, is as fresh as one that loads it: its own memory, environment, exit code and output.
"""

import atexit
import gc
import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import NoReturn
from unittest import mock

# The variable that has a command write manifest.json. It is for other tools, takes as long as a small command,
# and nothing in the project reads it after one.
WITH_MANIFEST = "TEST_WITH_MANIFEST"


def _become_dbt(arguments: list[str], environment: dict[str, str], output: str) -> NoReturn:
    """Turn this process into a dbt command."""
    from dbt.cli.main import cli
    from dbt.contracts.graph.manifest import Manifest

    if WITH_MANIFEST not in environment:
        mock.patch.object(Manifest, "write").start()
    written = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for shared, own in ((0, nothing), (1, written), (2, written)):
        os.dup2(own, shared)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["dbt", *arguments]
    sys.exit(cli())


def serve() -> None:
    """Run commands given as lines of JSON, one after the other, and answer each with its exit code."""
    import dbt.cli.main  # noqa: F401
    from dbt.adapters.duckdb.credentials import DuckDBCredentials
    from dbt.contracts.graph.manifest import Manifest
    from dbt.contracts.project import Project

    # What reads and checks these is compiled at its first use, which is in every command.
    Manifest.from_msgpack(Manifest().to_msgpack())
    for contract in (Project, DuckDBCredentials):
        contract.json_schema()
    # Commands need not look through what is loaded whenever they collect, but at their end, or DuckDB tells of leaks.
    gc.freeze()
    atexit.register(gc.unfreeze)
    for line in sys.stdin:
        child = os.fork()
        if not child:
            _become_dbt(**json.loads(line))
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


@cache
def _server(project: Path) -> subprocess.Popen[str]:
    server = subprocess.Popen(
        [sys.executable, "-P", __file__], cwd=project, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    # It ends where there are no more commands to come.
    atexit.register(server.communicate)
    return server


def run_dbt(project: Path, arguments: tuple[str, ...], environment: dict[str, str], output: Path) -> int:
    """Run a dbt command.

    Args:
        project: the folder to run it in.
        arguments: what stands behind `dbt`.
        environment: all its variables.
        output: the file for what it prints.

    Returns:
        Its exit code.
    """
    server = _server(project)
    assert server.stdin is not None
    assert server.stdout is not None
    request = {"arguments": arguments, "environment": environment, "output": str(output)}
    print(json.dumps(request), file=server.stdin, flush=True)
    return int(server.stdout.readline())


if __name__ == "__main__":
    serve()

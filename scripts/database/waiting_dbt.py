"""dbt that reads the project at once, and builds when standard input says what: a process of `scratch_warehouse`.

The command `dbt` would load itself and the project once more to build.
"""

import sys

from dbt.cli.main import dbtRunner
from dbt.contracts.graph.manifest import Manifest

OPTIONS = ["--quiet", "--no-use-colors"]
KINDS = ["--resource-type", "model", "--resource-type", "seed"]


def main() -> bool:
    """Read the project, wait for a selection, and build what it names.

    Returns:
        Whether all of it went well; dbt has printed what did not. Where no selection came there was nothing to do.
    """
    read = dbtRunner().invoke([*OPTIONS, "parse"])
    selection = sys.stdin.read()
    if not selection:
        return True
    if not isinstance(read.result, Manifest):
        return False
    return dbtRunner(manifest=read.result).invoke([*OPTIONS, "build", "--select", selection, *KINDS]).success


if __name__ == "__main__":
    sys.exit(not main())

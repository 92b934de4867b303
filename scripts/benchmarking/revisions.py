"""Another revision of the project, checked out for a benchmark."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarking.stages import PROJECT
from database.warehouse import WarehouseError


def run_git(*arguments: str) -> None:
    """Run git in this checkout.

    Raises:
        WarehouseError: if it fails, with what it says.
    """
    try:
        subprocess.run(["git", *arguments], cwd=PROJECT, capture_output=True, text=True, check=True)  # noqa: S603, S607
    except FileNotFoundError as error:
        raise WarehouseError("git is needed to compare with a revision, and is not installed") from error
    except subprocess.CalledProcessError as error:
        said = (error.stderr or error.stdout or "git failed").strip().splitlines()[-1]
        raise WarehouseError(f"git {arguments[0]}: {said}") from error


@contextmanager
def checkout(revision: str | None, folder: Path) -> Iterator[Path | None]:
    """Check a revision out into a folder, and remove it in the end.

    Args:
        revision: what git calls a commit; None for none.
        folder: where to; must not exist.

    Yields:
        The folder, None without a revision.

    Raises:
        WarehouseError: if git does not know the revision.
    """
    if revision is None:
        yield None
        return
    run_git("worktree", "add", "--detach", str(folder), revision)
    try:
        yield folder
    finally:
        run_git("worktree", "remove", "--force", str(folder))

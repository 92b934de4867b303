"""The versions that were published: each in a folder of its own beside the published file, the newest few kept.

The published file is a hard link to the file of one version, so switching is one rename and takes no space.
"""

import os
import shutil
from pathlib import Path
from typing import NamedTuple

import click

from database.warehouse import WarehouseError, published_path
from interface.settings import setting

CROSSWALK_FILE = "sbir_recipient_crosswalk.parquet"


class Version(NamedTuple):
    """A published version: its number, which only grows, and the folder of its files."""

    number: int
    folder: Path

    @property
    def file(self) -> Path:
        """The DuckDB file of the version."""
        return self.folder / published_path().name


def versions_folder() -> Path:
    """Where the versions lie."""
    return published_path().with_name("versions")


def check_places() -> None:
    """Refuse links where files are replaced: readers of what a link leads to would keep the old version unnoticed.

    Raises:
        WarehouseError: if the published file or its crosswalk is a link, or the folder of the versions is none.
    """
    for path in (published_path(), published_path().with_name(CROSSWALK_FILE), versions_folder()):
        if path.is_symlink():
            raise WarehouseError(
                f"{path} is a symbolic link, which publishing cannot keep. Put what it leads to in its place, "
                "or link the whole folder of the warehouse"
            )
    if versions_folder().exists() and not versions_folder().is_dir():
        raise WarehouseError(f"{versions_folder()} is not a folder. Move it away")
    if published_path().is_dir():
        raise WarehouseError(f"{published_path()} is a folder, not a file. Move it away")


def kept_versions() -> int:
    """How many versions are kept, the published one among them: `SBIR_KEEP_VERSIONS`.

    Raises:
        SettingError: if the variable is not such a number.
    """
    return int(setting("SBIR_KEEP_VERSIONS"))


def find_versions() -> list[Version]:
    """The whole versions that are there, oldest first."""
    folders = versions_folder().glob("[0-9]*[0-9]") if versions_folder().is_dir() else ()
    return sorted(Version(int(folder.name), folder) for folder in folders if folder.name.isdecimal())


def published_version() -> Version | None:
    """The version that is published now; None where none is, or none of those kept."""
    return next((version for version in find_versions() if _is_same_file(version.file, published_path())), None)


def next_version() -> Version:
    """The version to write next: its number is used by none before it, its folder not there yet."""
    number = max((version.number for version in find_versions()), default=0) + 1
    return Version(number, versions_folder() / f"{number:06}")


def adopt_published_file() -> None:
    """Make a version of a published file that is none, so that the next publication does not lose it."""
    if published_path().exists() and published_version() is None:
        version = next_version()
        unfinished = version.folder.with_suffix(".writing")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(parents=True)
        try:
            for name in (published_path().name, CROSSWALK_FILE):
                if (given := published_path().with_name(name)).exists():
                    _link(given, unfinished / name)
        except PermissionError as error:
            click.echo(f"Warning: {published_path()} cannot be kept as a version: {error.strerror}", err=True)
            return
        unfinished.rename(version.folder)


def switch_to(version: Version) -> None:
    """Publish a version: readers that have the old file open keep it until they reopen.

    Args:
        version: one whose folder is whole.
    """
    for name in (CROSSWALK_FILE, published_path().name):
        source, target = version.folder / name, published_path().with_name(name)
        fresh = target.with_name(f"{name}.publishing")
        fresh.unlink(missing_ok=True)
        if not source.exists():
            target.unlink(missing_ok=True)
        # A link renamed over another link to its file stays where it is.
        elif not _is_same_file(source, target):
            _link(source, fresh)
            fresh.replace(target)


def finish_switch() -> None:
    """Bring the crosswalk to the version that is published, where a switch was killed between its two renames."""
    if version := published_version():
        switch_to(version)


def remove_old_versions(keep: int) -> None:
    """Remove the oldest versions but the published one, and what a killed publication left.

    Args:
        keep: how many of the newest stay.
    """
    published = published_version()
    for version in find_versions()[:-keep]:
        if version != published:
            shutil.rmtree(version.folder)
    remove_unfinished()


def remove_unfinished() -> None:
    """Remove what a publication that failed or was killed left of a version."""
    for unfinished in versions_folder().glob("*.writing"):
        shutil.rmtree(unfinished, ignore_errors=True)


def _link(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:
        # Some file systems have no hard links: then a copy, told apart by size and time.
        shutil.copy2(source, target)


def _is_same_file(one: Path, other: Path) -> bool:
    if not (one.exists() and other.exists()):
        return False
    first, second = one.stat(), other.stat()
    return os.path.samestat(first, second) or (
        (first.st_size, first.st_mtime_ns) == (second.st_size, second.st_mtime_ns)
    )

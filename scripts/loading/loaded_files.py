"""Where what is loaded came from, noted beside the working file, for the day that file is damaged or gone."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from database.warehouse import WarehouseError, warehouse_folder
from loading.forms import find_source
from loading.layout import INPUTS

RECORD = "loaded_files.json"


class LoadedFile(NamedTuple):
    """The path that an input was loaded from, and the SHA-256 of what was read there."""

    path: str
    sha256: str

    def problem(self, name: str) -> str | None:
        """Why the same content cannot be loaded from the path again; None where it can.

        Args:
            name: of the input.
        """
        try:
            is_same = find_source(Path(self.path), name).digest() == self.sha256
        except (OSError, WarehouseError):
            return f"{self.path} is gone or cannot be read"
        return None if is_same else f"{self.path} has changed since it was loaded"


def loaded_files() -> dict[str, LoadedFile] | None:
    """What each input was loaded from last; empty for the sample, None where no note can be read."""
    try:
        noted = json.loads((warehouse_folder() / RECORD).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    if not isinstance(noted, dict) or not all(_is_noted(name, file) for name, file in noted.items()):
        return None
    return {name: LoadedFile(file["path"], file["sha256"]) for name, file in noted.items()}


def _is_noted(name: str, file: Any) -> bool:  # noqa: ANN401
    """Whether an entry of the notes is one that `note_loaded_files` could have written."""
    if name not in INPUTS or not isinstance(file, dict):
        return False
    path, sha256 = file.get("path"), file.get("sha256")
    return (
        isinstance(path, str)
        and "\0" not in path
        and Path(path).is_absolute()
        and isinstance(sha256, str)
        and bool(re.fullmatch("[0-9a-f]{64}", sha256))
    )


def note_loaded_files(files: Mapping[str, LoadedFile], *, is_sample: bool) -> None:
    """Note where inputs were loaded from; inputs not named stay as they are noted.

    Args:
        files: what each input was loaded from.
        is_sample: whether it is the sample.
    """
    known = {} if is_sample else {**(loaded_files() or {}), **files}
    path = warehouse_folder() / RECORD
    fresh = path.with_name(f"{path.name}.writing")
    text = json.dumps({name: file._asdict() for name, file in known.items()}, indent=2)
    fresh.write_text(text, encoding="utf-8")
    fresh.replace(path)

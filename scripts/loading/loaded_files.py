"""Where what is loaded came from, noted beside the working file, for the day that file is damaged or gone."""

import json
from collections.abc import Mapping
from pathlib import Path

from database.warehouse import warehouse_folder

RECORD = "loaded_files.json"


def loaded_files() -> dict[str, str] | None:
    """The path that each input was loaded from last; empty for the sample, None where no note can be read."""
    try:
        noted = json.loads((warehouse_folder() / RECORD).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    return {str(name): str(file) for name, file in noted.items()} if isinstance(noted, dict) else None


def note_loaded_files(files: Mapping[str, Path], *, is_sample: bool) -> None:
    """Note where inputs were loaded from; inputs not named stay as they are noted.

    Args:
        files: path of each input, as the user gave it.
        is_sample: whether they are the sample.
    """
    known = loaded_files() or {}
    known = {} if is_sample else {**known, **{name: str(file.absolute()) for name, file in files.items()}}
    path = warehouse_folder() / RECORD
    fresh = path.with_name(f"{path.name}.writing")
    fresh.write_text(json.dumps(known, indent=2), encoding="utf-8")
    fresh.replace(path)

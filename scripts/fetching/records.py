"""The record beside a fetched file: where it came from, and what it was when it came."""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

FILE_MODE = 0o640


@dataclass(frozen=True)
class Record:
    """Where a file came from.

    Attributes:
        address: that was asked for, before redirects.
        etag: of the server, where it gives one.
        last_modified: of the server, where it gives one.
        bytes: of the whole file; of a partial one what it is to become, or None where the server does not say.
        sha256: of the whole file; empty while it is partial.
        fetched_at: when it came, in UTC; empty while it is partial.
    """

    address: str
    etag: str
    last_modified: str
    bytes: int | None
    sha256: str = ""
    fetched_at: str = ""

    @property
    def strong_validator(self) -> str:
        """What tells the server which version a range is wanted of; empty where nothing does."""
        if self.etag and not self.etag.startswith("W/"):
            return self.etag
        return self.last_modified


def part_path(target: Path) -> Path:
    """Where a file is gathered until it is complete: in the same folder, so that one rename finishes it."""
    return target.with_name(f"{target.name}.part")


def record_path(file: Path) -> Path:
    """Where the record of a file, whole or partial, is."""
    return file.with_name(f"{file.name}.json")


def read_record(file: Path) -> Record | None:
    """The record of a file, or None where there is none that can be read."""
    try:
        record = Record(**json.loads(record_path(file).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None
    texts = (record.address, record.etag, record.last_modified, record.sha256, record.fetched_at)
    is_whole = all(isinstance(text, str) for text in texts) and isinstance(record.bytes, int | None)
    return record if is_whole else None


def write_record(file: Path, record: Record) -> None:
    """Write the record of a file in one rename."""
    fresh = record_path(file).with_suffix(".json.new")
    fresh.write_text(json.dumps(asdict(record), indent=2) + "\n", encoding="utf-8")
    fresh.chmod(FILE_MODE)
    fresh.replace(record_path(file))


def remove_part(part: Path) -> None:
    """Remove a partial file and its record."""
    part.unlink(missing_ok=True)
    record_path(part).unlink(missing_ok=True)


def resumable(part: Path, address: str) -> tuple[Record, int] | None:
    """What is held of a file, if it can be gone on with.

    Args:
        part: the partial file.
        address: it is to be fetched from.

    Returns:
        Its record and its bytes, or None.
    """
    record = read_record(part)
    size = part.stat().st_size if part.exists() else 0
    if record is None or not size or record.address != address or not record.strong_validator:
        return None
    if record.bytes is not None and size > record.bytes:
        return None
    return record, size


def make_durable(file: Path) -> None:
    """Have the system write a file, or the entries of a folder, to the disk."""
    descriptor = os.open(file, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

"""Tell a good file from an error page, a cut or a foreign one, before it counts as fetched."""

import csv
import fnmatch
import gzip
import io
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from database.warehouse import first_line
from fetching.config import Source
from fetching.http_answers import FetchError
from loading.forms import sha256_of
from loading.scan import MAX_RECORD_BYTES, RecordCounter
from loading.streams import CHUNK_BYTES, DAMAGE

MAGIC = {"gzip": b"\x1f\x8b", "zip": b"PK"}
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
# How much of each member of a zip is read.
MEMBER_PROBE_BYTES = 64 * 1024
LONGEST_HEADER = 1024 * 1024


def refuse_other_content(head: bytes, source: Source, where: str) -> None:
    """Refuse what by its first bytes is an error page, or not what was wanted.

    Args:
        head: first bytes.
        source: what was wanted.
        where: they came from.

    Raises:
        FetchError: with what it is instead.
    """
    text = head.removeprefix(BYTE_ORDER_MARK).lstrip()
    if text.startswith(b"<"):
        raise FetchError(
            f"{where} sends a web page or XML, no {source.content}. Open it in a browser to see what it says"
        )
    if text.startswith((b"{", b"[")):
        said = text[:100].decode("utf-8", "replace").replace("\n", " ")
        raise FetchError(f"{where} sends JSON, no {source.content}: {said}. Try again later")
    magic = MAGIC.get(source.content, b"")
    if not head.startswith(magic[: len(head)]):
        raise FetchError(f"{where} sends something else than {source.content}. Check its address in the config")


def check_content(path: Path, source: Source, where: str) -> str:
    """Check a complete file: its size, its hash, its kind, that it is not cut, and its header.

    Args:
        path: the file.
        source: what it is to be.
        where: it came from, for an error.

    Returns:
        Its SHA-256.

    Raises:
        FetchError: with what is wrong.
    """
    with path.open("rb") as file:
        refuse_other_content(file.read(512), source, where)
    size = path.stat().st_size
    smallest = max(1, source.smallest_bytes)
    if size < smallest:
        raise FetchError(
            f"{where} sends {size:,} bytes, less than the {smallest:,} that a whole file has. Try again later"
        )
    digest = sha256_of(path)
    if source.sha256 and digest != source.sha256.lower():
        raise FetchError(
            f"{where} sends a file with SHA-256 {digest}, not {source.sha256}. Do not use it; check the hash"
        )
    {"csv": check_csv, "gzip": check_gzip, "zip": check_zip}[source.content](path, source, where)
    return digest


def check_csv(path: Path, source: Source, where: str) -> None:
    """Check the header of a CSV file and that its last record is whole."""
    with path.open("rb") as file:
        header = check_header(file, source, where)
        file.seek(0)
        counter = RecordCounter()
        while chunk := file.read(CHUNK_BYTES):
            counter.add(chunk)
        # A stray quote makes all that follows look like one record: nothing is told of that.
        if not 0 < counter.unfinished_bytes <= MAX_RECORD_BYTES:
            return
        file.seek(-counter.unfinished_bytes, io.SEEK_END)
        csv.field_size_limit(MAX_RECORD_BYTES)
        rows = list(csv.reader(io.StringIO(file.read().decode("utf-8", "replace"), newline="")))
    if len(rows[-1]) != len(header):
        raise FetchError(
            f"{where} sends a file that is cut: its last record has {len(rows[-1])} of {len(header)} fields"
        )


def check_gzip(path: Path, source: Source, where: str) -> None:
    """Check that a compressed CSV file is whole, and its header."""
    with damage_told(where), gzip.open(path) as file:
        check_header(file, source, where)
        while file.read(CHUNK_BYTES):
            pass


def check_zip(path: Path, source: Source, where: str) -> None:
    """Check a zip's directory, the beginning of every member, and the header of the wanted ones."""
    with damage_told(where), zipfile.ZipFile(path) as archive:
        members = [member for member in archive.infolist() if not member.is_dir()]
        wanted = fnmatch.filter((member.filename for member in members), source.member or "*")
        if not wanted:
            raise FetchError(
                f"{where} sends a zip without {source.member or 'any file'}. Check its address in the config"
            )
        for member in members:
            with archive.open(member) as file:
                if member.filename in wanted and source.header_begins:
                    check_header(file, source, f"{where}, {member.filename},")
                while file.tell() < MEMBER_PROBE_BYTES and file.read(MEMBER_PROBE_BYTES):
                    pass


@contextmanager
def damage_told(where: str) -> Iterator[None]:
    """Turn the errors of a damaged archive into one line."""
    try:
        yield
    except (*DAMAGE, OSError, NotImplementedError, RuntimeError) as error:
        raise FetchError(
            f"{where} sends an archive that is cut or damaged ({first_line(error)}). Try again later"
        ) from error


def check_header(file: IO[bytes] | gzip.GzipFile, source: Source, where: str) -> list[str]:
    """Check the header of a CSV file that is open at its beginning.

    Returns:
        Its columns.

    Raises:
        FetchError: if an expected column is not where it is to be.
    """
    line = file.readline(LONGEST_HEADER).removeprefix(BYTE_ORDER_MARK).decode("utf-8", "replace")
    header = next(csv.reader([line]), [])
    beginning = tuple(header[: len(source.header_begins)])
    if beginning != source.header_begins:
        raise FetchError(
            f"{where} sends a CSV that begins with {', '.join(beginning)[:100]!r}, not with "
            f"{', '.join(source.header_begins)!r}. See {source.documented_at} for what changed"
        )
    if missing := [column for column in source.header_has if column not in header]:
        raise FetchError(
            f"{where} sends a CSV without the column {missing[0]!r}. See {source.documented_at} for what changed"
        )
    return header

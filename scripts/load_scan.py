"""Read a CSV file once before DuckDB does: what it is, how it is encoded, how many records it has."""

import csv
import gzip
import hashlib
import io
import tempfile
import zlib
from codecs import BOM_UTF16_BE, BOM_UTF16_LE, getincrementaldecoder
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np

from warehouse import WarehouseError, first_line

CHUNK_BYTES = 4 * 1024 * 1024
QUOTE, LINE_FEED, CARRIAGE_RETURN = 0x22, 0x0A, 0x0D
# The largest field that is read; DuckDB's max_line_size follows it.
MAX_RECORD_BYTES = 16 * 1024 * 1024
Progress = Callable[[int], None]


@dataclass(frozen=True)
class Scan:
    """What the scan of a CSV file found.

    Attributes:
        readable: the file DuckDB can read: the given one, or a repaired temporary copy.
        header: the column names.
        records: data records by the file's own quotes and line ends, blank lines left out.
        recoded_lines: lines that were not UTF-8 and were read as Windows-1252.
    """

    readable: Path
    header: list[str]
    records: int
    recoded_lines: int


def sha256_of(path: Path) -> str:
    """SHA-256 of a file's bytes, as hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def open_bytes(path: Path) -> BinaryIO | gzip.GzipFile:
    """Open a file for reading bytes; a gzip file (by its first bytes) is decompressed."""
    with path.open("rb") as file:
        is_gzip = file.read(2) == b"\x1f\x8b"
    return gzip.open(path, "rb") if is_gzip else path.open("rb")


def read_chunks(path: Path) -> Iterator[bytes]:
    """Yield the file's (decompressed) bytes in chunks.

    Raises:
        WarehouseError: if a compressed file is cut or damaged.
    """
    try:
        with open_bytes(path) as stream:
            while chunk := stream.read(CHUNK_BYTES):
                yield chunk
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise WarehouseError(
            f"{path.name}: the compressed file is cut or damaged ({first_line(error)}). Get it again"
        ) from error


class RecordCounter:
    """Counts CSV records over chunks of bytes: a record ends at a line feed outside quotes."""

    def __init__(self) -> None:
        self.records = 0
        self.line_feeds = 0
        self.crlf = 0
        self._quotes = 0
        self._bytes_since_end = 0
        self._last_byte = LINE_FEED

    def add(self, chunk: bytes) -> None:
        """Count the records that end in this chunk."""
        data = np.frombuffer(chunk, dtype=np.uint8)
        quotes = np.flatnonzero(data == QUOTE)
        feeds = np.flatnonzero(data == LINE_FEED)
        quotes_before = np.searchsorted(quotes, feeds) + self._quotes
        ends = feeds[quotes_before % 2 == 0]
        before = np.where(ends > 0, data[np.maximum(ends - 1, 0)], self._last_byte)
        after_return = before == CARRIAGE_RETURN
        lengths = np.diff(ends, prepend=-1 - self._bytes_since_end) - 1 - after_return
        self.records += int(np.count_nonzero(lengths > 0))
        self.line_feeds += len(ends)
        self.crlf += int(np.count_nonzero(after_return))
        self._quotes += len(quotes)
        self._bytes_since_end = len(data) - 1 - int(ends[-1]) if len(ends) else self._bytes_since_end + len(data)
        self._last_byte = chunk[-1]

    def finish(self) -> int:
        """The number of records, a last one without line end included."""
        return self.records + (self._bytes_since_end > 0)

    @property
    def unfinished_bytes(self) -> int:
        """Bytes since the last end of a record."""
        return self._bytes_since_end

    @property
    def has_mixed_ends(self) -> bool:
        """Whether some records end in CRLF and others in LF."""
        return 0 < self.crlf < self.line_feeds


def scan_csv(path: Path, scratch: Path, advance: Progress) -> Scan:
    """Check a CSV file and count its records.

    Args:
        path: CSV or CSV.gz.
        scratch: folder for a repaired copy, where one is needed.
        advance: told the number of bytes done.

    Raises:
        WarehouseError: if it is empty, cut, UTF-16, or no CSV but a web page.
    """
    decoder = getincrementaldecoder("utf-8")()
    counter = RecordCounter()
    is_utf8 = True
    head = b""
    for chunk in read_chunks(path):
        if not head:
            head = chunk
            refuse_other_formats(path, head)
        counter.add(chunk)
        if is_utf8:
            try:
                decoder.decode(chunk)
            except UnicodeDecodeError:
                is_utf8 = False
        advance(len(chunk))
    if is_utf8:
        try:
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            is_utf8 = False
    if not head.strip():
        raise WarehouseError(f"{path.name}: the file is empty. Get it again")
    readable, recoded_lines = path, 0
    if not is_utf8 or counter.has_mixed_ends:
        readable, recoded_lines = repair(path, scratch)
    return Scan(readable, read_header(readable), counter.finish() - 1, recoded_lines)


def refuse_other_formats(path: Path, head: bytes) -> None:
    """Refuse what is plainly no CSV in UTF-8 or Windows-1252."""
    if head.startswith((BOM_UTF16_LE, BOM_UTF16_BE)) or head[:200].count(0) > len(head[:200]) // 3:
        raise WarehouseError(f"{path.name}: the file is UTF-16. Save it as UTF-8 CSV")
    if head.lstrip()[:200].lower().startswith((b"<!doctype", b"<html", b"<?xml")):
        raise WarehouseError(f"{path.name}: the file is a web page, no CSV: the download failed. Get it again")


def repair(path: Path, scratch: Path) -> tuple[Path, int]:
    """Copy a file as UTF-8 with line feeds only.

    Lines that are not UTF-8 are read as Windows-1252, its five undefined bytes as Latin-1.

    Returns:
        The copy, and the number of lines that were not UTF-8.
    """
    recoded = 0
    with (
        open_bytes(path) as source,
        tempfile.NamedTemporaryFile(dir=scratch, prefix="load-", suffix=".csv", delete=False) as target,
    ):
        for line in source:
            try:
                line.decode("utf-8")
                text = line
            except UnicodeDecodeError:
                recoded += 1
                try:
                    text = line.decode("cp1252").encode("utf-8")
                except UnicodeDecodeError:
                    text = line.decode("latin-1").encode("utf-8")
            target.write(text[:-2] + b"\n" if text.endswith(b"\r\n") else text)
    return Path(target.name), recoded


def read_header(path: Path) -> list[str]:
    """The column names of a CSV file in UTF-8."""
    with open_bytes(path) as stream, io.TextIOWrapper(stream, "utf-8-sig", newline="") as text:
        return next(csv.reader(text), [])


def count_outside(path: Path, rejected: list[tuple[int, int]]) -> int:
    """Count the records of a file that lie outside the rejected stretches, the header left out.

    Args:
        path: the file DuckDB read.
        rejected: first byte and length of each rejected record, in the decompressed file.

    Returns:
        The number of records, by Python's own CSV reader.
    """

    def kept_lines() -> Iterator[str]:
        stretches = iter(sorted(rejected))
        start, length = next(stretches, (None, 0))
        position = 0
        with open_bytes(path) as stream:
            for line in stream:
                while start is not None and position >= start + length:
                    start, length = next(stretches, (None, 0))
                if start is None or position < start:
                    yield line.decode("utf-8", errors="replace")
                position += len(line)

    csv.field_size_limit(MAX_RECORD_BYTES)
    return sum(bool(row) for row in csv.reader(kept_lines())) - 1


def read_record(path: Path, position: int) -> tuple[int, str]:
    """Read the record that follows a position, line ends in between left out.

    Args:
        path: the file DuckDB read.
        position: byte in the decompressed file where the record before ends.

    Returns:
        First byte of the record, and its text without the line end.
    """
    with open_bytes(path) as stream:
        stream.seek(position)
        lines: list[bytes] = []

        def kept_lines() -> Iterator[str]:
            for line in stream:
                lines.append(line)
                yield line.decode("utf-8", errors="replace")

        skipped = 0
        for row in csv.reader(kept_lines()):
            if row:
                break
            skipped += sum(map(len, lines))
            lines.clear()
    return position + skipped, b"".join(lines).rstrip(b"\r\n").decode("utf-8", errors="replace")

"""Look over a CSV file before DuckDB does: what it is, how it is encoded, how many records it has."""

import csv
import hashlib
import io
import tempfile
from codecs import getincrementaldecoder
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np

from database.warehouse import WarehouseError
from loading.forms import PATTERN_SIGNS, Part
from loading.header import SEPARATORS, find_header
from loading.layout import shortened
from loading.repair import feed_lines, recode_utf16, repair, utf16_codec, without_head
from loading.streams import CHUNK_BYTES, PARQUET, Progress, unpack

QUOTE, LINE_FEED, CARRIAGE_RETURN = 0x22, 0x0A, 0x0D
# The largest field that is read; DuckDB's max_line_size follows it.
MAX_RECORD_BYTES = 16 * 1024 * 1024
# DuckDB takes time with the square of the columns too many: from this size on a record's columns are counted first.
LONG_RECORD_BYTES = 64 * 1024
MAX_SURPLUS_COLUMNS = 2000
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
csv.field_size_limit(MAX_RECORD_BYTES)


@dataclass(frozen=True)
class Unpacked:
    """A part as a plain file: where it lies, the SHA-256 of its bytes, and how it looks as text (None for Parquet)."""

    path: Path
    sha256: str
    text: "TextScan | None"


@dataclass(frozen=True)
class Scan:
    """What the scan of a CSV file found.

    Attributes:
        readable: the file DuckDB can read: the given one, or a repaired temporary copy.
        header: the column names.
        blank_lines: how many blank lines come before the header.
        records: data records by the file's own quotes and line ends, blank lines left out.
        notes: what the user should know.
        open_lines: lines after a quote that nothing closes, by the file's own quotes.
        separator: the character between columns.
    """

    readable: Path
    header: list[str]
    blank_lines: int
    records: int
    notes: list[str]
    open_lines: int = 0
    separator: str = ","


class RecordCounter:
    """Counts CSV records over chunks of bytes: a record ends at a line feed outside quotes."""

    def __init__(self) -> None:
        self.records = 0
        self.line_feeds = 0
        self.crlf = 0
        self.long_records: list[tuple[int, int]] = []
        self._returns = 0
        self._position = 0
        self._quotes = 0
        self._bytes_since_end = 0
        self._feeds_since_end = 0
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
        self._note_long(ends, lengths)
        returns = np.flatnonzero(data == CARRIAGE_RETURN)
        if len(returns):
            returns_quoted = np.searchsorted(quotes, returns) + self._quotes
            self._returns += int(np.count_nonzero(returns_quoted % 2 == 0))
        self.records += int(np.count_nonzero(lengths > 0))
        self.line_feeds += len(ends)
        self.crlf += int(np.count_nonzero(after_return))
        self._quotes += len(quotes)
        feeds_after = len(feeds) - int(np.searchsorted(feeds, ends[-1], side="right")) if len(ends) else len(feeds)
        self._feeds_since_end = feeds_after if len(ends) else self._feeds_since_end + feeds_after
        self._bytes_since_end = len(data) - 1 - int(ends[-1]) if len(ends) else self._bytes_since_end + len(data)
        self._last_byte = chunk[-1]
        self._position += len(data)

    def finish(self) -> int:
        """The number of records, a last one without line end included."""
        return self.records + (self._bytes_since_end > 0)

    def _note_long(
        self, ends: "np.ndarray[tuple[int], np.dtype[np.intp]]", lengths: "np.ndarray[tuple[int], np.dtype[np.intp]]"
    ) -> None:
        for index in np.flatnonzero(lengths > LONG_RECORD_BYTES)[:1000]:
            self.long_records.append((self._position + int(ends[index] - lengths[index]), int(lengths[index])))

    @property
    def lone_returns(self) -> int:
        """Carriage returns outside quotes that no line feed follows."""
        return self._returns - self.crlf

    @property
    def unfinished_bytes(self) -> int:
        """Bytes since the last end of a record."""
        return self._bytes_since_end

    @property
    def open_lines(self) -> int:
        """Line feeds after the last end of a record, where a quote is open at the end."""
        return self._feeds_since_end if self._quotes % 2 else 0

    @property
    def has_mixed_ends(self) -> bool:
        """Whether some records end in CRLF and others in LF."""
        return 0 < self.crlf < self.line_feeds


class TextScan:
    """Looks at the chunks of a text as they pass: counts its records, tells whether it is UTF-8."""

    def __init__(self) -> None:
        self.counter = RecordCounter()
        self.head = b""
        self.is_utf8 = True
        self.is_blank = True
        self.line_feeds = 0
        self._decoder = getincrementaldecoder("utf-8")()

    def add(self, chunk: bytes) -> None:
        """Look at a chunk."""
        self.head = self.head or chunk[:CHUNK_BYTES]
        self.is_blank = self.is_blank and not chunk.strip()
        self.line_feeds += chunk.count(b"\n")
        self.counter.add(chunk)
        self._decode(chunk)

    def finish(self) -> None:
        """Look at the end."""
        self._decode(b"", final=True)

    def _decode(self, chunk: bytes, *, final: bool = False) -> None:
        if self.is_utf8:
            try:
                self._decoder.decode(chunk, final)
            except UnicodeDecodeError:
                self.is_utf8 = False


def unpack_part(part: Part, scratch: Path, advance: Progress) -> Unpacked:
    """Bring a part to the disk as a plain file and look over its text on the way; a plain file stays where it is.

    Args:
        part: a CSV or Parquet file, packed or not.
        scratch: folder for the unpacked file.
        advance: told the number of bytes read from the disk.

    Raises:
        WarehouseError: if it is cut, damaged, or no table.
    """
    digest = hashlib.sha256()
    text: TextScan | None = None
    is_first = True
    with ExitStack() as stack:
        target: IO[bytes] | None = None
        if part.is_packed:
            target = stack.enter_context(
                tempfile.NamedTemporaryFile(dir=scratch, prefix="load-", suffix=".csv", delete=False)
            )
        for chunk in unpack(part.path, part.member, part.name, scratch, advance):
            if is_first and not chunk.startswith(PARQUET):
                refuse_other_texts(part.name, chunk)
                text = TextScan()
            is_first = False
            digest.update(chunk)
            if text:
                text.add(chunk)
            if target:
                target.write(chunk)
    if text:
        text.finish()
    if is_first or (text and text.is_blank):
        raise WarehouseError(f"{part.name}: the file is empty. Get it again")
    path = Path(target.name) if target else plainly_named(part.path, scratch)
    return Unpacked(path, digest.hexdigest(), text)


def plainly_named(path: Path, scratch: Path) -> Path:
    """The path, or a link to it under a name that DuckDB takes for no pattern of other files' names."""
    if not any(sign in str(path) for sign in PATTERN_SIGNS):
        return path
    link = scratch / "given"
    link.symlink_to(path.absolute())
    return link


def scan_text(path: Path) -> TextScan:
    """Look over a plain file."""
    text = TextScan()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            text.add(chunk)
    text.finish()
    return text


def scan_csv(name: str, path: Path, text: TextScan, scratch: Path) -> Scan:
    """Make a CSV file readable for DuckDB, where it is not, and count its records.

    Args:
        name: what to call the file.
        path: the plain file.
        text: what was seen of it.
        scratch: folder for a repaired copy.

    Raises:
        WarehouseError: if it is damaged, or its columns are separated by something that is not read.
    """
    notes = []
    if codec := utf16_codec(text.head):
        path = recode_utf16(path, scratch, codec, name)
        text = scan_text(path)
        notes.append("the file is UTF-16 and was read as such")
    if text.counter.lone_returns and not text.line_feeds:
        path = feed_lines(path, scratch)
        text = scan_text(path)
        notes.append("its lines end in carriage returns, read as line feeds")
    found = find_header(text.head)
    separator = found.separator
    if separator not in SEPARATORS:
        raise WarehouseError(
            f"{name}: its columns are separated by {separator!r}. Commas, tabs, semicolons and vertical bars are read: "
            "save it with one of these"
        )
    if separator != ",":
        notes.append(f"its columns are separated by {separator!r}")
    if found.above:
        path = without_head(path, scratch, found.first_byte)
        text = scan_text(path)
        notes.append(f"lines above the header, skipped: {shortened([repr(line[:60]) for line in found.above])}")
    is_plain = text.is_utf8 and not text.counter.has_mixed_ends and not text.counter.lone_returns
    # A carriage return in a name of a column misleads DuckDB about how lines end, and it drops records without a word.
    if not is_plain or any("\r" in cell for cell in read_header(path, separator)[0]):
        is_mixed = text.counter.has_mixed_ends
        path, recoded_lines = repair(path, scratch, separator)
        text = scan_text(path)
        if recoded_lines:
            notes.append(f"{recoded_lines:,} lines were not UTF-8 and were read as Windows-1252")
        if is_mixed:
            notes.append("lines end in CRLF here and in LF there: all were read as LF, those within texts too")
    header, blank_lines = read_header(path, separator)
    refuse_wide_records(name, path, text.counter, len(header), separator)
    # A first line that holds the byte order mark alone is blank, and was counted.
    marked_blank = blank_lines > 0 and text.head.startswith(BYTE_ORDER_MARK)
    counter = text.counter
    records = counter.finish() - 1 - marked_blank
    return Scan(path, header, blank_lines, records, notes, counter.open_lines, separator)


def refuse_other_texts(name: str, head: bytes) -> None:
    """Refuse what is plainly no CSV but a page or an answer of a server."""
    start = head[:400].lstrip(BYTE_ORDER_MARK + b" \t\r\n")
    if start[:200].lower().startswith((b"<!doctype", b"<html", b"<?xml", b"<head", b"<body", b"<error")):
        raise WarehouseError(f"{name}: the file is a web page, no CSV: the download failed. Get it again")
    if start.startswith((b"{", b"[")):
        shown = start[:60].decode("utf-8", errors="replace").replace("\n", " ")
        raise WarehouseError(f"{name}: the file is JSON, no CSV: {shown} … Get it again, as CSV")


def refuse_wide_records(name: str, path: Path, counter: "RecordCounter", columns: int, separator: str) -> None:
    """Refuse a file with a record of thousands of columns too many, on which DuckDB would work for hours."""
    for start, length in counter.long_records:
        with path.open("rb") as file:
            file.seek(start)
            record = file.read(length)
        found = sum(piece.count(separator.encode()) for piece in record.split(b'"')[::2]) + 1
        if found > columns + MAX_SURPLUS_COLUMNS:
            raise WarehouseError(
                f"{name}: the record at byte {start + 1:,} has {found:,} columns, the header {columns:,}. "
                "Mend the file or get it again"
            )


def read_header(path: Path, separator: str) -> tuple[list[str], int]:
    """The column names of a CSV file in UTF-8, in its first line that is not blank, and the number of lines before."""
    with path.open("rb") as stream, io.TextIOWrapper(stream, "utf-8-sig", newline="") as text:
        for number, row in enumerate(csv.reader(text, delimiter=separator)):
            if row:
                return row, number
    return [], 0


def count_outside(path: Path, rejected: list[tuple[int, int]], separator: str) -> int:
    """Count the records of a file that lie outside the rejected stretches, the header left out.

    Args:
        path: the file DuckDB read.
        rejected: first byte and length of each rejected record, in the file.
        separator: the character between columns.

    Returns:
        The number of records, by Python's own CSV reader.
    """

    def kept_lines() -> Iterator[str]:
        stretches = iter(sorted(rejected))
        start, length = next(stretches, (None, 0))
        position = 0
        with path.open("rb") as stream:
            for line in stream:
                while start is not None and position >= start + length:
                    start, length = next(stretches, (None, 0))
                if start is None or position < start:
                    yield line.decode("utf-8", errors="replace")
                position += len(line)

    return sum(bool(row) for row in csv.reader(kept_lines(), delimiter=separator)) - 1


def read_record(path: Path, position: int, separator: str) -> tuple[int, str]:
    """Read the record that follows a position, line ends in between left out.

    Args:
        path: the file DuckDB read.
        position: byte in the file where the record before ends.
        separator: the character between columns.

    Returns:
        First byte of the record, and its text without the line end.
    """
    with path.open("rb") as stream:
        stream.seek(position)
        lines: list[bytes] = []

        def kept_lines() -> Iterator[str]:
            for line in stream:
                lines.append(line)
                yield line.decode("utf-8", errors="replace")

        skipped = 0
        for row in csv.reader(kept_lines(), delimiter=separator):
            if row:
                break
            skipped += sum(map(len, lines))
            lines.clear()
    return position + skipped, b"".join(lines).rstrip(b"\r\n").decode("utf-8", errors="replace")

"""Rewrite a CSV file as DuckDB can read it: in UTF-8, with line feeds, without stray carriage returns."""

import codecs
import shutil
import tempfile
from pathlib import Path
from typing import IO

from database.warehouse import WarehouseError
from loading.streams import CHUNK_BYTES

UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
# The share of zero bytes in the head from which a file without a mark is taken for UTF-16.
UTF16_ZEROS = 1 / 3


def utf16_codec(head: bytes) -> str | None:
    """The UTF-16 encoding that a file's first bytes show, if any."""
    if head.startswith(UTF16_MARKS):
        return "utf-16"
    start = head[:200]
    if start.count(0) <= len(start) * UTF16_ZEROS:
        return None
    return "utf-16-le" if start[1::2].count(0) > start[0::2].count(0) else "utf-16-be"


def _scratch_file(scratch: Path) -> IO[bytes]:
    return tempfile.NamedTemporaryFile(dir=scratch, prefix="load-", suffix=".csv", delete=False)


def recode_utf16(path: Path, scratch: Path, codec: str, name: str) -> Path:
    """Copy a UTF-16 file as UTF-8.

    Raises:
        WarehouseError: if it is damaged.
    """
    decoder = codecs.getincrementaldecoder(codec)()
    try:
        with path.open("rb") as source, _scratch_file(scratch) as target:
            while chunk := source.read(CHUNK_BYTES):
                target.write(decoder.decode(chunk).encode("utf-8"))
            target.write(decoder.decode(b"", final=True).encode("utf-8"))
            return Path(target.name)
    except UnicodeError as error:
        raise WarehouseError(f"{name}: looks like UTF-16, but is damaged or cut ({error}). Get it again") from error


def feed_lines(path: Path, scratch: Path) -> Path:
    """Copy a file whose only line ends are carriage returns with line feeds for them."""
    with path.open("rb") as source, _scratch_file(scratch) as target:
        while chunk := source.read(CHUNK_BYTES):
            target.write(chunk.replace(b"\r", b"\n"))
        return Path(target.name)


def without_head(path: Path, scratch: Path, first_byte: int) -> Path:
    """Copy a file from a byte on: without what is above its header."""
    with path.open("rb") as source, _scratch_file(scratch) as target:
        source.seek(first_byte)
        shutil.copyfileobj(source, target, CHUNK_BYTES)
        return Path(target.name)


def repair(path: Path, scratch: Path, separator: str) -> tuple[Path, int]:
    """Copy a file as UTF-8 with line feeds only.

    Lines that are not UTF-8 are read as Windows-1252, its five undefined bytes as Latin-1. A lone carriage return
    outside quotes stays part of its field, which gets quotes, where the line has no others; else it ends the line.
    In the header it becomes a blank.

    Returns:
        The copy, and the number of lines that were not UTF-8.
    """
    recoded = 0
    is_quoted = is_past_header = False
    with path.open("rb") as source, _scratch_file(scratch) as target:
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
            if text.endswith(b"\r\n"):
                text = text[:-2] + b"\n"
            if not is_past_header:
                text = text.replace(b"\r", b" ")
            elif b"\r" in text:
                text = _without_returns(text, separator.encode(), is_quoted)
            is_quoted ^= line.count(b'"') % 2 == 1
            is_past_header = is_past_header or (not is_quoted and bool(text.strip()))
            target.write(text)
    return Path(target.name), recoded


def _without_returns(line: bytes, separator: bytes, is_quoted: bool) -> bytes:
    if b'"' not in line and not is_quoted:
        body, end = (line[:-1], b"\n") if line.endswith(b"\n") else (line, b"")
        cells = [b'"' + cell + b'"' if b"\r" in cell else cell for cell in body.split(separator)]
        return separator.join(cells) + end
    pieces = line.split(b'"')
    return b'"'.join(
        piece if (number % 2 == 1) != is_quoted else piece.replace(b"\r", b"\n") for number, piece in enumerate(pieces)
    )

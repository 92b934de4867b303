"""The bytes of a file without its packing: gzip, Zstandard and LZ4 by their first bytes, members of zip archives."""

import errno
import gzip
import io
import lzma
import shutil
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import IO

import pyarrow as pa

from database.warehouse import WarehouseError, first_line

Progress = Callable[[int], None]
CHUNK_BYTES = 4 * 1024 * 1024
GZIP, ZSTD, LZ4 = b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"\x04\x22\x4d\x18"
# A frame to be skipped, with which pzstd begins its files.
SKIPPABLE = b"\x50\x2a\x4d\x18"
ZIP, EMPTY_ZIP = b"PK\x03\x04", b"PK\x05\x06"
PARQUET = b"PAR1"
# What is recognised only to say what to do with it.
REFUSED_FORMS = {
    b"BZh": "is packed with bzip2. Unpack it, or pack it as .gz or .zst",
    b"\xfd7zXZ\x00": "is packed with xz. Unpack it, or pack it as .gz or .zst",
    b"7z\xbc\xaf": "is a 7z archive. Unpack it, or pack it as .zip",
    b"Rar!": "is a RAR archive. Unpack it, or pack it as .zip",
    b"%PDF": "is a PDF. Give CSV or Parquet",
    b"\xd0\xcf\x11\xe0": "is an old Excel workbook. Save it as CSV UTF-8",
    b"SQLite format 3": "is an SQLite database. Export the table as CSV",
    b"PARE": "is an encrypted Parquet file. Write it without encryption",
    b"ARROW1": "is an Arrow file. Write it as Parquet",
    b"\x1f\x9d": "is packed with compress. Unpack it, or pack it as .gz or .zst",
    b"PGDMP": "is a dump in pg_dump's custom format. Make one with: pg_dump --format=directory",
}
# What the standard library raises on a file that is cut or damaged; an entry without a name has no last letter.
DAMAGE = (
    EOFError,
    gzip.BadGzipFile,
    zlib.error,
    lzma.LZMAError,
    zipfile.BadZipFile,
    struct.error,
    IndexError,
    UnicodeDecodeError,
)
# Above the first size, what grows by more than this while it is unpacked is no table but a trap.
TRAP_BYTES = 1024**3
TRAP_RATIO = 200
# What unpacking leaves free on the disk.
SPARED_BYTES = 256 * 1024**2


def unpack(path: Path, member: str | None, name: str, scratch: Path, advance: Progress) -> Iterator[bytes]:
    """Yield the unpacked bytes of a file, or of a member of a zip archive, in chunks.

    Args:
        path: the file on the disk.
        member: name of the member, where the file is a zip archive.
        name: what to call it in an error.
        scratch: folder where the bytes go, whose disk must not run full.
        advance: told the number of bytes read from the disk.

    Raises:
        WarehouseError: if it is cut, damaged, encrypted or a trap.
    """
    try:
        with ExitStack() as stack:
            raw = stack.enter_context(path.open("rb"))
            stream: IO[bytes] = raw
            packed_bytes = path.stat().st_size
            if member is not None:
                archive = stack.enter_context(zipfile.ZipFile(raw))
                packed_bytes = archive.getinfo(member).compress_size
                stream = stack.enter_context(archive.open(member))
            done = raw.tell()
            plain = unpack_stream(stream, name)
            total = 0
            while chunk := plain.read(CHUNK_BYTES):
                total += len(chunk)
                # A file that is not packed takes no more room than it has already.
                if member is not None or plain is not stream:
                    check_growth(name, total, packed_bytes, scratch)
                if (position := raw.tell()) > done:
                    advance(position - done)
                    done = position
                yield chunk
    except DAMAGE as error:
        raise damaged(name, error) from error
    except (NotImplementedError, RuntimeError) as error:
        raise WarehouseError(f"{name}: cannot be unpacked here ({first_line(error)}). Unpack it first") from error
    except OSError as error:
        # pyarrow tells of a damaged stream without a number; an archive's directory may point before the file's start.
        if error.errno in (None, errno.EINVAL):
            raise damaged(name, error) from error
        raise


def damaged(name: str, error: BaseException) -> WarehouseError:
    """The error of a file whose packing is cut or damaged."""
    return WarehouseError(f"{name}: the compressed file is cut or damaged ({first_line(error)}). Get it again")


def unpack_stream(stream: IO[bytes], name: str) -> IO[bytes]:
    """The stream without its packing, if any; what is no table at all is refused by its first bytes."""
    head = peek(stream)
    if head.startswith(GZIP):
        stream = io.BufferedReader(gzip.GzipFile(fileobj=stream))
    elif head.startswith((ZSTD, SKIPPABLE, LZ4)):
        codec = "lz4" if head.startswith(LZ4) else "zstd"
        stream = io.BufferedReader(_ArrowReader(pa.CompressedInputStream(pa.PythonFile(stream, mode="r"), codec)))
    else:
        # Of a file these were told already: here it is the member of an archive.
        if head.startswith((ZIP, EMPTY_ZIP)):
            raise WarehouseError(f"{name}: is an archive within an archive. Unpack the outer one, and give the folder")
        refuse_forms(name, head)
        return stream
    inner = peek(stream)
    if inner.startswith((GZIP, ZSTD, SKIPPABLE, LZ4, ZIP)):
        raise WarehouseError(f"{name}: holds another packed file. Unpack it once")
    refuse_forms(name, inner)
    return stream


class _ArrowReader(io.RawIOBase):
    """A stream of pyarrow as one of Python's, which can be looked into."""

    def __init__(self, stream: pa.NativeFile) -> None:
        self._stream = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int:  # type: ignore[no-untyped-def] # noqa: ANN001
        chunk = self._stream.read(len(buffer))
        buffer[: len(chunk)] = chunk
        return len(chunk)


def peek(stream: IO[bytes]) -> bytes:
    """The first bytes of a stream, which stay in it."""
    return bytes(stream.peek(512))[:512]  # type: ignore[attr-defined]


def refuse_forms(name: str, head: bytes) -> None:
    """Refuse what is recognised as something that cannot be read, with a remedy.

    Raises:
        WarehouseError: if it is such a thing.
    """
    for magic, words in REFUSED_FORMS.items():
        if head.startswith(magic):
            raise WarehouseError(f"{name}: {words}")
    # Its head fills short names up with zeros; a CSV may have "Custard" there.
    if head[257:262] == b"ustar" and b"\0" in head[:257]:
        raise WarehouseError(f"{name}: is a tar archive. Unpack it, and give the folder")


def check_growth(name: str, unpacked: int, packed: int, scratch: Path) -> None:
    """Refuse to go on unpacking what grows beyond reason or fills the disk.

    Raises:
        WarehouseError: if it does.
    """
    if unpacked > TRAP_BYTES and unpacked > TRAP_RATIO * packed:
        raise WarehouseError(
            f"{name}: unpacks to more than {TRAP_RATIO} times its size, as no table does. Unpack it yourself, and look"
        )
    free = shutil.disk_usage(scratch).free
    if free < SPARED_BYTES:
        raise WarehouseError(
            f"{name}: there is no room to unpack it: {free / 1e9:.1f} GB are free in {scratch.parent}. Make room there"
        )

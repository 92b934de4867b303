"""What a path holds: a file, a folder or pattern of files, a zip archive, a database dump; and in which parts."""

import errno
import glob
import hashlib
import os
import stat
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from database.warehouse import WarehouseError
from loading.dump_contents import MAGIC as DUMP
from loading.dump_contents import find_table
from loading.header import HEAD_BYTES, is_table
from loading.layout import shortened
from loading.streams import DAMAGE, EMPTY_ZIP, GZIP, LZ4, PARQUET, SKIPPABLE, ZIP, ZSTD, damaged, refuse_forms

# What of a folder or an archive is read; what a user names, alone or by a pattern, is read whatever its name.
DATA_ENDINGS = (".csv", ".tsv", ".psv", ".gz", ".zst", ".zip", ".parquet", ".pq")
# What has one of these endings, or none, is read if it begins as a table does: it may as well be a note.
TEXT_ENDINGS = (".txt", ".dat", ".tab", ".asc", ".text")
PATTERN_SIGNS = ("*", "?", "[")
TOC = "toc.dat"
PACKED_ENDINGS = ("", ".gz", ".zst", ".lz4")


@dataclass(frozen=True)
class Part:
    """A table in a file of its own.

    Attributes:
        name: what to call it.
        path: the file on the disk.
        member: its name in the zip archive that the file is, if it is one.
        form: how it is packed, in words.
        is_packed: whether it must be unpacked before it can be read.
        columns: names of its columns, where it has no header: data of a dump.
        file_bytes: what it takes on the disk.
    """

    name: str
    path: Path
    member: str | None
    form: str
    is_packed: bool
    file_bytes: int
    columns: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Source:
    """What a given path holds: its parts, what was left out, and its files as they were found."""

    name: str
    parts: list[Part]
    notes: list[str]
    files: dict[Path, tuple[int, ...]] = field(repr=False)

    @property
    def file_bytes(self) -> int:
        """What all parts take on the disk."""
        return sum(part.file_bytes for part in self.parts)

    def digest(self) -> str:
        """SHA-256 of what is read: of a single file its own, of several that of theirs, in any order."""
        digests = {part.path if part.columns is None else part: _digest_of(part) for part in self.parts}
        if len(digests) == 1:
            return next(iter(digests.values()))
        return hashlib.sha256("".join(sorted(digests.values())).encode()).hexdigest()

    def check_unchanged(self) -> None:
        """Refuse a source whose files changed since they were found.

        Raises:
            WarehouseError: if one did.
        """
        for path, before in self.files.items():
            try:
                now = _state(path.stat())
            except OSError:
                now = ()
            if now != before:
                raise WarehouseError(
                    f"{path.name}: the file changed while it was read. Wait until it is whole, and try again"
                )


def sha256_of(path: Path) -> str:
    """SHA-256 of a file's bytes, as hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _digest_of(part: Part) -> str:
    if part.columns is None:
        return sha256_of(part.path)
    # A dump is known by the data of its table and its columns; in an archive by the archive's own checksum of them.
    if part.member is None:
        data = sha256_of(part.path)
    else:
        with zipfile.ZipFile(part.path) as archive:
            member = archive.getinfo(part.member)
            data = f"{member.CRC} {member.file_size}"
    return hashlib.sha256("\n".join((data, *part.columns)).encode()).hexdigest()


def find_source(path: Path, input_name: str) -> Source:
    """Find the parts that a path holds.

    Args:
        path: a file, a folder, or a pattern such as `parts/*.csv.gz`.
        input_name: awards, recipients or prime_awards, which says what of a dump is read.

    Raises:
        WarehouseError: if there is nothing to read.
    """
    notes: list[str] = []
    kind = _kind(path)
    if kind == "pattern":
        found = [Path(text) for text in sorted(glob.glob(str(path), recursive=True))]  # noqa: PTH207
        files = [file for file in found if _kind(file) == "file" and not file.name.startswith(".")]
        if not files:
            raise WarehouseError(f"{path}: no file has such a name. Check the pattern, in quotes")
        parts = [part for file in files for part in _parts_of_file(file, file.name, input_name, notes)]
    elif kind == "folder":
        parts = list(_parts_of_folder(path, input_name, notes))
    elif path.name == TOC and path.read_bytes()[: len(DUMP)] == DUMP:
        parts = list(_parts_of_folder(path.absolute().parent, input_name, notes))
    else:
        parts = list(_parts_of_file(path, path.name, input_name, notes))
    name = path.name if kind != "folder" else path.absolute().name
    return Source(name, parts, notes, {part.path: _state(part.path.stat()) for part in parts})


def _kind(path: Path) -> str:
    """Whether a path is a file, a folder or a pattern; anything else is refused with what is wrong."""
    try:
        status = path.stat()
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise WarehouseError(f"{path} is a link that leads back to itself. Give the file itself") from error
        if path.is_symlink():
            raise WarehouseError(
                f"{path} is a link to {path.readlink()}, which is not there. Check the link"
            ) from error
        if error.errno in (errno.ENOENT, errno.ENOTDIR) and any(sign in str(path) for sign in PATTERN_SIGNS):
            return "pattern"
        if error.errno in (errno.ENOENT, errno.ENOTDIR):
            raise WarehouseError(f"{path} is not there. Check the path") from error
        raise WarehouseError(f"{path} cannot be read: {error.strerror}. Check the path") from error
    try:
        str(path.absolute()).encode()
    except UnicodeEncodeError as error:
        raise WarehouseError(f"{path}: the name is not in UTF-8. Rename it") from error
    if not os.access(path, os.R_OK):
        raise WarehouseError(f"{path} cannot be read. Check its permissions")
    if stat.S_ISDIR(status.st_mode):
        return "folder"
    # Opening a pipe waits for somebody to write to it, maybe for ever.
    if not stat.S_ISREG(status.st_mode):
        raise WarehouseError(f"{path} is no file but a pipe or a device. Save its content to a file")
    return "file"


def _parts_of_folder(folder: Path, input_name: str, notes: list[str]) -> Iterator[Part]:
    entries = sorted(folder.iterdir())
    dumps = [
        entry.parent
        for entry in (folder / TOC, *(inner / TOC for inner in entries if inner.is_dir()))
        if entry.is_file()
    ]
    if dumps:
        yield from _parts_of_dump_folder(dumps[0], input_name)
        return
    chosen = [entry for entry in entries if not entry.is_dir() and _is_data(entry.name, entry)]
    _note_left_out(notes, [entry.name for entry in entries if entry not in chosen])
    if not chosen:
        raise WarehouseError(f"{folder}: the folder holds no data files ({', '.join(DATA_ENDINGS)}). Check the path")
    for entry in chosen:
        _kind(entry)
        yield from _parts_of_file(entry, entry.name, input_name, notes)


def _parts_of_file(path: Path, name: str, input_name: str, notes: list[str]) -> Iterator[Part]:
    with path.open("rb") as file:
        head = file.read(512)
    if head.startswith((ZIP, EMPTY_ZIP)):
        yield from _parts_of_zip(path, input_name, notes)
        return
    refuse_forms(name, head)
    form, is_packed = _form(head)
    yield Part(name, path, None, form, is_packed, path.stat().st_size)


def _form(head: bytes) -> tuple[str, bool]:
    for magic, form in ((GZIP, "CSV, gzip"), (ZSTD, "CSV, zstd"), (SKIPPABLE, "CSV, zstd"), (LZ4, "CSV, lz4")):
        if head.startswith(magic):
            return form, True
    return ("Parquet" if head.startswith(PARQUET) else "CSV"), False


def _parts_of_zip(path: Path, input_name: str, notes: list[str]) -> Iterator[Part]:
    try:
        with zipfile.ZipFile(path) as archive:
            members = [member for member in archive.infolist() if not member.is_dir()]
            names = [member.filename for member in members]
            if TOC in (PurePosixPath(name).name for name in names):
                yield _part_of_dump_zip(path, archive, input_name)
                return
            chosen = [
                member
                for member in members
                if _is_data(PurePosixPath(member.filename).name, zipfile.Path(archive, member.filename))
            ]
    except (*DAMAGE, OSError, NotImplementedError) as error:
        raise damaged(path.name, error) from error
    if "[Content_Types].xml" in names:
        raise WarehouseError(f"{path.name}: is an Excel workbook. Save it as CSV UTF-8")
    if len({*names}) < len(names):
        raise WarehouseError(f"{path.name}: the archive holds two files of one name. Unpack it, and give the folder")
    _note_left_out(notes, [name for name in names if name not in {member.filename for member in chosen}])
    if not names:
        raise WarehouseError(f"{path.name}: the archive holds no data files but nothing. Get it again")
    if not chosen:
        raise WarehouseError(
            f"{path.name}: the archive holds no data files but only {shortened(sorted(names))}. "
            "Give one with CSV, TSV or Parquet files"
        )
    for member in sorted(chosen, key=lambda member: member.filename):
        name = f"{path.name}/{member.filename}"
        _check_member(name, member)
        yield Part(name, path, member.filename, "CSV, zip", True, member.compress_size)


def _check_member(name: str, member: zipfile.ZipInfo) -> None:
    if member.filename.lower().endswith(".zip"):
        raise WarehouseError(f"{name}: is an archive within an archive. Unpack the outer one, and give the folder")
    if member.flag_bits & 1:
        raise WarehouseError(f"{name}: is encrypted. Unpack it with its password")
    if stat.S_ISLNK(member.external_attr >> 16):
        raise WarehouseError(f"{name}: is a link, no file. Unpack the archive, and give the folder")


def _parts_of_dump_folder(folder: Path, input_name: str) -> Iterator[Part]:
    with (folder / TOC).open("rb") as stream:
        table = find_table(stream, folder.name, input_name)
    for ending in PACKED_ENDINGS:
        path = folder / (table.file_name + ending)
        if path.is_file():
            name = f"{folder.name}/{path.name}"
            yield Part(name, path, None, "database dump", True, path.stat().st_size, table.columns)
            return
    raise WarehouseError(f"{folder.name}: the dump lacks its file {table.file_name}. Get the dump again")


def _part_of_dump_zip(path: Path, archive: zipfile.ZipFile, input_name: str) -> Part:
    """The one member of a zipped dump that is needed: the archive may have 100 GB, of which no more is touched."""
    toc = next(name for name in archive.namelist() if PurePosixPath(name).name == TOC)
    _check_member(f"{path.name}/{toc}", archive.getinfo(toc))
    with archive.open(toc) as stream:
        table = find_table(stream, path.name, input_name)
    for ending in PACKED_ENDINGS:
        member = str(PurePosixPath(toc).parent / (table.file_name + ending))
        if member in archive.namelist():
            _check_member(f"{path.name}/{member}", archive.getinfo(member))
            size = archive.getinfo(member).compress_size
            return Part(f"{path.name}/{member}", path, member, "database dump, zip", True, size, table.columns)
    raise WarehouseError(f"{path.name}: the dump lacks its file {table.file_name}. Get the dump again")


def _is_data(name: str, place: Path | zipfile.Path) -> bool:
    """Whether a file of a folder or an archive is read: by its name, or as a text that begins as a table does."""
    if name.startswith((".", "_")):
        return False
    if name.lower().endswith(DATA_ENDINGS):
        return True
    if ("." in name and not name.lower().endswith(TEXT_ENDINGS)) or not place.is_file():
        return False
    try:
        with place.open("rb") as file:
            return is_table(file.read(HEAD_BYTES))
    except (*DAMAGE, NotImplementedError, RuntimeError):
        return True  # reading it tells what is wrong


def _note_left_out(notes: list[str], names: list[str]) -> None:
    if names:
        notes.append(f"no data files, left out: {shortened(names)}")


def _state(status: os.stat_result) -> tuple[int, ...]:
    return status.st_size, status.st_mtime_ns, status.st_ino

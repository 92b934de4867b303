"""What cannot be loaded: each case is told in one line with exit code 2, and the tables stay as they were."""

import os
import shutil
import stat
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from conftest import PROJECT
from load_helpers import HEADER, Loading, archive, gz, put, table, zipped, zst
from loading import forms, streams

DUMP = PROJECT / "tests" / "fixtures" / "dump"
GOOD = table("Acme", "Beta")
LONG = table(*(f"Name {number * number}" for number in range(5000)))
DUMP_FILES = {path.name: path.read_bytes() for path in DUMP.iterdir()}


def parquet(**columns: list[object]) -> bytes:
    sink = BytesIO()
    pq.write_table(pa.table(columns), sink)
    return sink.getvalue()


def encrypted() -> bytes:
    data = bytearray(zipped(a__csv=GOOD))
    # The flag that says so, in the member's own head and in the archive's directory.
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


def with_link() -> bytes:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        link = zipfile.ZipInfo("a.csv")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        file.writestr(link, "/etc/passwd")
    return buffer.getvalue()


def dump_with_damaged_toc() -> bytes:
    data = bytearray(archive(dict(DUMP_FILES)))
    start = data.index(b"toc.dat") + 60
    data[start : start + 10] = b"\xff" * 10
    return bytes(data)


def two_of_a_name() -> bytes:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        file.writestr("a.csv", GOOD)
        with pytest.warns(UserWarning, match="Duplicate name"):
            file.writestr("a.csv", GOOD)
    return buffer.getvalue()


def damaged_member(method: int = zipfile.ZIP_DEFLATED) -> bytes:
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", method) as archive:
        archive.writestr("a.csv", LONG)
    data = bytearray(packed.getvalue())
    data[200] ^= 0xFF
    return bytes(data)


def misleading_directory(name_length: bytes, offset: bytes) -> bytes:
    """A zip whose directory gives its member's name another length, or says that it begins elsewhere."""
    data = bytearray(zipped(a__csv=GOOD))
    entry = data.index(b"PK\x01\x02")
    data[entry + 28 : entry + 30] = name_length
    data[entry + 42 : entry + 46] = offset
    return bytes(data)


# What the file holds, or a function that makes it, and what the one line must say.
FILES: dict[str, tuple[bytes | str | Callable[[], bytes], str]] = {
    "empty": ("", "the file is empty"),
    "white space only": ("  \n\n", "the file is empty"),
    "byte order mark only": ("\ufeff", "the required column 'legal_business_name' is not in the header"),
    "required column missing": (
        GOOD.replace("legal_business_name", "legal_busines_name"),
        "the required column 'legal_business_name' is not in the header. The closest is 'legal_busines_name'",
    ),
    "another table": ("a,b,c\n1,2,3\n", "'legal_business_name' is not in the header. It begins with 'a', 'b', 'c'"),
    "header missing": ("h1,Acme,,MA\n", "is not in the header. It begins with 'h1', 'Acme'"),
    "column twice": (HEADER.replace("state", "state,UEI"), "the column 'uei' occurs 2 times in the header. Keep one"),
    "web page": ("\n<!DOCTYPE html><html><body>404</body></html>", "is a web page, no CSV: the download failed"),
    "xml error": ('<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>', "is a web page"),
    "json error": ('{"detail": "Not found"}', 'is JSON, no CSV: {"detail": "Not found"}'),
    "packed web page": (gz("<html>busy</html>"), "is a web page"),
    "utf-16 cut": (b"\xff\xfe" + GOOD.encode("utf-16-le")[:-1], "looks like UTF-16, but is damaged or cut"),
    "no record is readable": (
        HEADER.strip() + ",\nh,A,,\nh,B,,\n",
        "none of the 2 records can be read (missing columns). Mend the file",
    ),
    "unclosed quote before thousands of lines": (
        GOOD + 'h,"C,,\n' + "h,D,,\n" * 3000,
        "a quote in record 4 is never closed, and the 3,001 lines after it are lost in it",
    ),
    "million columns": (GOOD + "x," * 1_000_000 + "\n", "has 1,000,001 columns, the header 4"),
    "binary": (bytes(range(128, 256)) * 40, "is not in the header"),
    "gzip cut": (gz(LONG)[:-2000], "the compressed file is cut or damaged"),
    "gzip without its checksum": (gz(LONG)[:-4], "cut or damaged"),
    "gzip with garbage after it": (gz(GOOD) + b"garbage", "cut or damaged"),
    "gzip with another checksum": (gz(GOOD)[:-8] + b"\0" * 8, "cut or damaged"),
    "gzip of nothing": (gz(""), "the file is empty"),
    "gzip twice": (gz(gz(GOOD)), "holds another packed file. Unpack it once"),
    "zst cut": (zst(LONG)[:-200], "cut or damaged"),
    "zst with garbage after it": (zst(GOOD) + b"garbage", "cut or damaged"),
    "zst of nothing": (zst(""), "the file is empty"),
    "bzip2": (b"BZh91AY&SY", "is packed with bzip2"),
    "xz": (b"\xfd7zXZ\x00\x00", "is packed with xz"),
    "7z": (b"7z\xbc\xaf\x27\x1c", "is a 7z archive"),
    "compress": (b"\x1f\x9d\x90abc", "is packed with compress"),
    "arrow": (b"ARROW1\0\0", "is an Arrow file"),
    "parquet encrypted": (b"PARE\x15\x00PARE", "is an encrypted Parquet file"),
    "tar": (b"\0" * 257 + b"ustar" + b"\0" * 100, "is a tar archive"),
    "pdf": (b"%PDF-1.7", "is a PDF"),
    "excel": (archive({"[Content_Types].xml": "", "xl/workbook.xml": ""}), "is an Excel workbook. Save it as CSV"),
    "zip cut": (zipped(a__csv=LONG)[:-100], "cut or damaged"),
    "zip with a damaged member": (damaged_member, "cut or damaged"),
    "zip with a damaged member, by LZMA": (lambda: damaged_member(zipfile.ZIP_LZMA), "cut or damaged"),
    "zip with a member without a name": (lambda: misleading_directory(b"\0\0", b"\0\0\0\0"), "cut or damaged"),
    "zip with a member beyond its end": (lambda: misleading_directory(b"\5\0", b"\xff\xff\0\0"), "cut or damaged"),
    "zip with a directory before its start": (
        lambda: zipped(a__csv=GOOD).replace(b"PK\x05\x06", b"PK\x05\x06", 1)[:-6] + b"\xff\xff\0\0\0\0",
        "cut or damaged",
    ),
    "zip of nothing": (archive({}), "holds no data files but nothing"),
    "zip without CSV": (zipped(README__txt="hello", a__docx="x"), "holds no data files but only README.txt, a.docx"),
    "zip within zip": (zipped(inner__zip=zipped(a__csv=GOOD)), "is an archive within an archive"),
    "zip within zip by another name": (zipped(a__csv=zipped(b__csv=GOOD)), "is an archive within an archive"),
    "zip of another packing": (zipped(a__csv=b"BZh91AY&SY"), "bad/a.csv: is packed with bzip2"),
    "zip with a line end in a name": (zipped(**{"a\n\x1b[2J.csv": "<html>"}), r"bad/a\n\x1b[2J.csv: the file is a web"),
    "zip encrypted": (encrypted, "bad/a.csv: is encrypted. Unpack it with its password"),
    "zip with a link": (with_link, "is a link, no file"),
    "zip with two files of one name": (two_of_a_name, "holds two files of one name"),
    "zip with an empty part": (zipped(a__csv=GOOD, b__csv=""), "b.csv: the file is empty"),
    "zip with a part of another table": (zipped(a__csv=GOOD, b__csv="x,y\n1,2\n"), "bad/b.csv: the required column"),
    "parquet corrupt": (b"PAR1 this is no parquet file PAR1", "cannot be read as Parquet"),
    "parquet cut": (
        parquet(recipient_hash=["a"] * 999, legal_business_name=["b"] * 999)[:-60],
        "cannot be read as Par",
    ),
    "parquet without a required column": (parquet(uei=["a"], state=["MA"]), "column 'legal_business_name' is not"),
    "dump in custom format": (b"PGDMP\x01\x0e\x00\x04\x08\x01", "is a dump in pg_dump's custom format"),
    "dump zipped without its data": (archive({"d/toc.dat": DUMP_FILES["toc.dat"]}), "the dump lacks its file 3347.dat"),
    "dump zipped with a damaged table of contents": (dump_with_damaged_toc, "cut or damaged"),
    "dump zipped with a bad table of contents": (
        archive({"toc.dat": b"hello"}),
        "no table of contents of a PostgreSQL",
    ),
}


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a warehouse in which something stands already, to be copied."""
    folder = tmp_path_factory.mktemp("loaded")
    loading = Loading(folder / "warehouse")
    assert loading.recipients(put(folder, table("Before"), "before.csv")).exit_code == 0
    return loading.folder


@pytest.fixture
def loading(loaded: Path, tmp_path: Path) -> Loading:
    """A warehouse in which something stands already."""
    return Loading(shutil.copytree(loaded, tmp_path / "warehouse"))


def assert_refused(loading: Loading, path: Path | str, words: str) -> str:
    """See that a file is refused in one line and changes nothing; gives the line."""
    done = loading.recipients(path)
    assert done.exit_code == 2, done.output
    assert words in done.output.replace("bad.csv/", "bad/")
    assert done.output.startswith("Error: ")
    assert done.output.count("\n") == 1
    assert loading.names() == ["Before"]
    assert loading.query("select count(*), count(*) filter (where is_current) from raw.load_history") == [(1, 1)]
    return done.output


@pytest.mark.parametrize("case", FILES)
def test_file_is_refused(loading: Loading, tmp_path: Path, case: str) -> None:
    content, words = FILES[case]
    path = put(tmp_path, content() if callable(content) else content, "bad.csv")
    assert "bad.csv" in assert_refused(loading, path, words)


def pipe(folder: Path) -> Path:
    os.mkfifo(folder / "pipe.csv")
    return folder / "pipe.csv"


def not_utf8(folder: Path) -> Path:
    return put(folder, GOOD, os.fsdecode(b"\xff.csv"))


def link(folder: Path, target: str) -> Path:
    (folder / "link.csv").symlink_to(target)
    return folder / "link.csv"


def folder_of(folder: Path, files: dict[str, bytes | str]) -> Path:
    for name, content in files.items():
        put(folder / "parts", content, name)
    (folder / "parts").mkdir(exist_ok=True)
    return folder / "parts"


def dump_without(folder: Path, name: str, content: bytes | None = None) -> Path:
    files: dict[str, bytes | str] = {**DUMP_FILES}
    if content is None:
        del files[name]
    else:
        files[name] = content
    return folder_of(folder, files)


# How the path is made, and what the one line must say.
PATHS: dict[str, tuple[Callable[[Path], Path], str]] = {
    "missing": (lambda folder: folder / "missing.csv", "missing.csv is not there. Check the path"),
    "missing, with a line end in its name": (lambda folder: folder / "a\nb.csv", r"a\nb.csv is not there"),
    "name not in UTF-8": (not_utf8, "the name is not in UTF-8. Rename it"),
    "below a file": (lambda folder: folder / "before.csv" / "x.csv", "is not there"),
    "pattern without a match": (lambda folder: folder / "none*.csv", "no file has such a name. Check the pattern"),
    "dangling link": (lambda folder: link(folder, "gone.csv"), "is a link to gone.csv, which is not there"),
    "link to itself": (lambda folder: link(folder, "link.csv"), "is a link that leads back to itself"),
    "pipe": (pipe, "is no file but a pipe or a device"),
    "device": (lambda _: Path("/dev/zero"), "is no file but a pipe or a device"),
    "empty folder": (lambda folder: folder_of(folder, {}), "the folder holds no data files"),
    "folder without data": (lambda folder: folder_of(folder, {"README.txt": "hi"}), "the folder holds no data files"),
    "folder with a bad part": (
        lambda folder: folder_of(folder, {"a.csv": GOOD, "b.csv.gz": gz(LONG)[:-100]}),
        "b.csv.gz: the compressed file is cut",
    ),
    "dump cut": (
        lambda folder: dump_without(folder, "3347.dat.gz", gz("1\tx\n")),
        "the dump's data are cut: their end is missing",
    ),
    "dump without its data": (lambda folder: dump_without(folder, "3347.dat.gz"), "the dump lacks its file 3347.dat"),
    "dump with a cut table of contents": (
        lambda folder: dump_without(folder, "toc.dat", DUMP_FILES["toc.dat"][:900]),
        "table of contents is cut or damaged",
    ),
    "dump of another table": (
        lambda folder: dump_without(
            folder, "toc.dat", DUMP_FILES["toc.dat"].replace(b"recipient_lookup", b"recipient_lookin")
        ),
        "the dump holds no rows of recipient_lookup",
    ),
    "dump of a version to come": (
        lambda folder: dump_without(folder, "toc.dat", b"PGDMP\x01\x63" + DUMP_FILES["toc.dat"][7:]),
        "archive version 1.99; 1.12 to 1.16 are read",
    ),
}


@pytest.mark.parametrize("case", PATHS)
def test_path_is_refused(loading: Loading, tmp_path: Path, case: str) -> None:
    make, words = PATHS[case]
    assert_refused(loading, make(tmp_path), words)


def test_unreadable_file_is_refused(loading: Loading, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Root may read everything: what the system would answer anybody else is put into its mouth."""
    path = put(tmp_path, GOOD, "a.csv")
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert_refused(loading, path, "cannot be read. Check its permissions")


@pytest.mark.parametrize("content", [gz("a" * 10**6), zst("a" * 10**6), zipped(a__csv="a" * 10**6)])
def test_what_grows_beyond_reason_is_refused(
    loading: Loading, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes
) -> None:
    monkeypatch.setattr(streams, "TRAP_BYTES", 10**5)
    assert_refused(loading, put(tmp_path, content, "bad.csv"), "unpacks to more than 200 times its size")


def test_full_disk_is_told_before_it_is_full(loading: Loading, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "SPARED_BYTES", 2**62)
    assert_refused(loading, put(tmp_path, gz(GOOD), "bad.csv"), "there is no room to unpack it")
    assert loading.recipients(put(tmp_path, GOOD, "plain.csv")).exit_code == 0


@pytest.mark.parametrize("change", [lambda path: path.write_text(GOOD + "\n"), lambda path: os.utime(path, ns=(1, 1))])
def test_file_that_changes_while_it_is_read_is_refused(
    loading: Loading, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: Callable[[Path], object]
) -> None:
    path = put(tmp_path, GOOD, "bad.csv")
    digest = forms.Source.digest

    def changing(source: forms.Source) -> str:
        found = digest(source)
        change(path)
        return found

    monkeypatch.setattr(forms.Source, "digest", changing)
    assert_refused(loading, path, "the file changed while it was read")


def test_awards_without_records_are_refused(loading: Loading, tmp_path: Path) -> None:
    header = (PROJECT / "data" / "sample" / "award_data.csv").read_text(encoding="utf-8").splitlines()[0]
    done = loading.load("--awards", str(put(tmp_path, header + "\n", "awards.csv")))
    assert done.exit_code == 2
    assert "awards.csv: the file holds no awards. Get it again" in done.output


def test_dump_holds_no_awards(loading: Loading) -> None:
    done = loading.load("--awards", str(DUMP))
    assert done.exit_code == 2
    assert "a database dump holds no awards. Give a CSV file" in done.output

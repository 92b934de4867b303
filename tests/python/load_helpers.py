"""What the tests of loading share: small files in every form, and the command run in this process."""

import functools
import gzip
import io
import zipfile
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa
from click.testing import CliRunner

import load_raw
from conftest import Done
from loading.tables import make_tables

HEADER = "recipient_hash,legal_business_name,uei,state\n"


@dataclass(frozen=True)
class Loading:
    """A warehouse of its own, and loading into it."""

    folder: Path

    def load(self, *arguments: str) -> Done:
        done = CliRunner().invoke(
            load_raw.main, list(arguments), env={"SBIR_WAREHOUSE_DIR": str(self.folder), "COLUMNS": "200"}
        )
        assert done.exception is None or isinstance(done.exception, SystemExit), repr(done.exception)
        return Done(done.exit_code, done.output)

    def recipients(self, path: Path | str) -> Done:
        return self.load("--recipients", str(path))

    def query(self, sql: str) -> list[tuple[object, ...]]:
        with duckdb.connect(str(self.folder / "build.duckdb")) as connection:
            return connection.execute(sql).fetchall()

    def names(self) -> list[object]:
        return [row[0] for row in self.query("select legal_business_name from raw.recipients order by _row_number")]


@functools.cache
def shared_connection() -> duckdb.DuckDBPyConnection:
    """A warehouse in memory for all examples: to open one takes longer than to load most of them."""
    connection = duckdb.connect()
    make_tables(connection)
    return connection


def table(*names: str) -> str:
    """A recipient file with these names, as they stand."""
    return HEADER + "".join(f"hash{number},{name},,MA\n" for number, name in enumerate(names))


def put(folder: Path, content: bytes | str, name: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def gz(content: bytes | str) -> bytes:
    return gzip.compress(content.encode() if isinstance(content, str) else content, mtime=0)


def zst(content: bytes | str) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.CompressedOutputStream(sink, "zstd") as stream:
        stream.write(content.encode() if isinstance(content, str) else content)
    return bytes(sink.getvalue())


def zipped(**members: bytes | str) -> bytes:
    """A zip archive; `__` in a name stands for a dot, so that names can be keywords."""
    return archive({name.replace("__", "."): content for name, content in members.items()})


def archive(members: dict[str, bytes | str]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in members.items():
            file.writestr(name, content)
    return buffer.getvalue()

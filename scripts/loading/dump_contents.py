"""The table of contents of a PostgreSQL dump (pg_dump's directory format): which file holds a table, in which columns.

Columns are taken from the COPY statement of the table's data: migrations append columns, so positions change.
"""

import re
from dataclasses import dataclass
from typing import IO

from database.warehouse import WarehouseError

# The tables that hold an input, in any schema; in this one where several schemas have it.
DUMP_TABLES = {"recipients": "recipient_lookup", "prime_awards": "award_search"}
PREFERRED_SCHEMA = "rpt"
MAGIC = b"PGDMP"
# A directory's table of contents says "tar" in its head: both formats share it.
FORMAT_TAR, FORMAT_DIRECTORY = 3, 5
OLDEST, NEWEST = (1, 12), (1, 16)
# Of a whole table of contents: those of real dumps have some megabytes.
MOST_BYTES = 64 * 1024 * 1024
COPY = re.compile(r"COPY\s+.+?\((?P<columns>.*)\)\s+FROM\s+stdin", re.DOTALL | re.IGNORECASE)
COLUMN = re.compile(r'\s*(?:"((?:[^"]|"")*)"|([^",\s]+))\s*(?:,|$)')


@dataclass(frozen=True)
class TableData:
    """Where a dump holds the rows of a table.

    Attributes:
        schema: of the table.
        columns: names in the order of the data.
        file_name: of the data, without the ending that compression adds.
    """

    schema: str
    columns: tuple[str, ...]
    file_name: str


class TocReader:
    """Reads a table of contents entry by entry.

    Args:
        stream: the bytes of toc.dat.
        name: what to call the file in an error.
    """

    def __init__(self, stream: IO[bytes], name: str) -> None:
        self._stream = stream
        self._name = name
        self._integer_bytes = 4
        self._bytes_left = MOST_BYTES
        self.version = (0, 0)

    def head(self) -> int:
        """Read the head; returns the number of entries that follow."""
        if self._bytes(len(MAGIC)) != MAGIC:
            raise WarehouseError(f"{self._name}: this is no table of contents of a PostgreSQL dump. Get the dump again")
        major, minor, _revision, self._integer_bytes, _offset_bytes, form = self._bytes(6)
        self.version = (major, minor)
        if not OLDEST <= self.version <= NEWEST:
            raise WarehouseError(
                f"{self._name}: the dump has archive version {major}.{minor}; 1.12 to 1.16 are read. "
                "Dump it with pg_dump 9.0 to 17"
            )
        if form not in (FORMAT_TAR, FORMAT_DIRECTORY) or not 1 <= self._integer_bytes <= 8:
            raise WarehouseError(
                f"{self._name}: the dump is in another format than pg_dump's directory format. "
                "Make one with: pg_dump --format=directory"
            )
        if self.version >= (1, 15):
            self._bytes(1)  # the method of compression
        else:
            self.integer()  # the level of compression
        for _ in range(7):
            self.integer()  # when it was made
        for _ in range(3):
            self.text()  # names of the database, the server's version and pg_dump's
        return self.integer()

    def entry(self) -> dict[str, str | None]:
        """Read one entry: its tag, kind (`desc`), schema, definition, COPY statement and file."""
        self.integer()  # number of the entry
        self.integer()  # whether it has data
        self.text()  # oid of the table's catalogue
        self.text()  # its own oid
        found = {"tag": self.text(), "desc": self.text()}
        self.integer()  # section
        found["definition"] = self.text()
        self.text()  # statement that drops it
        found["copy"] = self.text()
        found["schema"] = self.text()
        self.text()  # tablespace
        if self.version >= (1, 14):
            self.text()  # access method
        if self.version >= (1, 16):
            self.integer()  # kind of relation
        self.text()  # owner
        self.text()  # whether it has oids
        while self.text() is not None:
            pass  # what it depends on
        found["file"] = self.text()
        return found

    def integer(self) -> int:
        """Read a number: a byte for the sign, then its bytes, the lowest first."""
        negative, *digits = self._bytes(1 + self._integer_bytes)
        number = int.from_bytes(bytes(digits), "little")
        return -number if negative else number

    def text(self) -> str | None:
        """Read a text with its length before it; a negative length says that there is none."""
        length = self.integer()
        if length < 0:
            return None
        return self._bytes(length).decode("utf-8", errors="replace")

    def _bytes(self, number: int) -> bytes:
        self._bytes_left -= number
        if self._bytes_left < 0:
            raise WarehouseError(
                f"{self._name}: the dump's table of contents goes beyond {MOST_BYTES // 1024**2} MiB, as none does. "
                "Get the dump again"
            )
        found = self._stream.read(number)
        if len(found) != number:
            raise self._damaged()
        return found

    def _damaged(self) -> WarehouseError:
        return WarehouseError(f"{self._name}: the dump's table of contents is cut or damaged. Get the dump again")


def find_table(stream: IO[bytes], name: str, input_name: str) -> TableData:
    """Find where a dump holds the rows of an input.

    Args:
        stream: the bytes of toc.dat.
        name: what to call the dump in an error.
        input_name: awards, recipients or prime_awards.

    Raises:
        WarehouseError: if the dump does not hold it, or cannot be read.
    """
    if input_name not in DUMP_TABLES:
        raise WarehouseError(f"{name}: a database dump holds no {input_name.replace('_', ' ')}. Give a CSV file")
    table = DUMP_TABLES[input_name]
    reader = TocReader(stream, name)
    found: list[TableData] = []
    for _ in range(reader.head()):
        entry = reader.entry()
        if entry["desc"] == "ENCODING" and "UTF8" not in (entry["definition"] or "UTF8"):
            raise WarehouseError(f"{name}: the dump is not in UTF-8. Make one with: pg_dump --encoding=UTF8")
        if entry["desc"] == "TABLE DATA" and entry["tag"] == table and entry["file"]:
            found.append(TableData(entry["schema"] or "", _copy_columns(name, entry["copy"] or ""), entry["file"]))
    preferred = [data for data in found if data.schema == PREFERRED_SCHEMA] or found
    if not preferred:
        raise WarehouseError(
            f"{name}: the dump holds no rows of {table}. Give one with table {PREFERRED_SCHEMA}.{table}"
        )
    if len(preferred) > 1:
        schemas = ", ".join(data.schema for data in preferred)
        raise WarehouseError(
            f"{name}: the dump holds {table} in several schemas ({schemas}). Give one with one of them"
        )
    if "/" in preferred[0].file_name or "\\" in preferred[0].file_name:
        raise WarehouseError(f"{name}: the dump names a data file outside its folder. Get the dump again")
    return preferred[0]


def _copy_columns(name: str, statement: str) -> tuple[str, ...]:
    copy = COPY.search(statement)
    columns = [quoted.replace('""', '"') or plain for quoted, plain in COLUMN.findall(copy["columns"])] if copy else []
    if not columns:
        raise WarehouseError(f"{name}: the dump does not say its columns. Make one without --inserts")
    return tuple(columns)

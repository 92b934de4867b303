"""The data of a dump: PostgreSQL's COPY text, ended by a line of its own."""

import hashlib
import tempfile
from pathlib import Path

from database.warehouse import WarehouseError
from loading.forms import Part
from loading.scan import Scan
from loading.streams import Progress, unpack

END = b"\\.\n"
# What a backslash and a letter stand for; before any other character the backslash only says that it is itself.
ESCAPES = {"b": 8, "f": 12, "n": 10, "r": 13, "t": 9, "v": 11}


def unpack_copy(part: Part, scratch: Path, advance: Progress) -> tuple[Scan, str]:
    """Bring the data of a dump to the disk, without its end, and count its records.

    Returns:
        The file as DuckDB can read it, and the SHA-256 of its bytes.

    Raises:
        WarehouseError: if its end is missing: then records may be, too.
    """
    digest = hashlib.sha256()
    records = 0
    # The end stands at the beginning of a line, and may lie across two chunks.
    held = b"\n"
    is_ended = False
    with tempfile.NamedTemporaryFile(dir=scratch, prefix="load-", suffix=".copy", delete=False) as target:
        for chunk in unpack(part.path, part.member, part.name, scratch, advance):
            if is_ended:
                continue
            data = held + chunk
            end = data.find(b"\n" + END)
            is_ended = end >= 0
            passed = data[1 : end + 1] if is_ended else data[1 : -len(END)]
            held = b"" if is_ended else data[max(len(data) - len(END) - 1, 0) :] if len(data) > len(END) + 1 else data
            if not is_ended and len(data) <= len(END) + 1:
                continue
            target.write(passed)
            digest.update(passed)
            records += passed.count(b"\n")
    if not is_ended:
        raise WarehouseError(f"{part.name}: the dump's data are cut: their end is missing. Get the dump again")
    return Scan(Path(target.name), list(part.columns or ()), 0, records, []), digest.hexdigest()


def unescaped(column: str) -> str:
    """The SQL expression of a COPY field's value.

    Doubled backslashes part the text into pieces in which every backslash belongs to the character after it.
    """
    piece = "piece"
    for letter, code in ESCAPES.items():
        piece = f"replace({piece}, '\\{letter}', chr({code}))"
    pieces = f"list_transform(string_split({column}, '\\\\'), lambda piece : replace({piece}, '\\', ''))"
    return f"case when contains({column}, '\\') then array_to_string({pieces}, '\\') else {column} end"

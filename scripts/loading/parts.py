"""How one part gets into its raw table: unpacked, scanned, bound, filtered, inserted, its rejects quarantined."""

import csv
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import duckdb

from database.warehouse import WarehouseError, quoted
from loading.award_identity import award_of_transaction
from loading.copy_text import unescaped, unpack_copy
from loading.csv_files import count_slowly, quarantine_rejects, read_csv
from loading.filters import SAME_FILE, filter_records
from loading.forms import Part
from loading.kinds import OtherKindError
from loading.layout import Binding, bind_header, shortened
from loading.parquet_files import read_parquet
from loading.scan import Scan, scan_csv, unpack_part
from loading.streams import Progress
from loading.totals import quarantine_totals

# A record that ends the file with its quote open is quarantined, but not with a file's worth of records in it.
MAX_OPEN_LINES = 100
# The layout of a list in which each record is a recipient of its own, whatever it is called: it is known by its number.
RECIPIENTS_OF_THEIR_OWN = "universe"


@dataclass(frozen=True)
class LoadedPart:
    """What became of one part: records read = rows loaded + quarantined + filtered."""

    part: Part
    sha256: str
    form: str
    records: int
    rows: int
    quarantined: int
    filters: dict[str, int]
    notes: list[str]
    seconds: float
    extract_seconds: float

    @property
    def filtered(self) -> int:
        """Records that named rules left out."""
        return sum(self.filters.values())


class PartLoader:
    """Loads the parts of a source one after the other.

    Args:
        connection: open on the working file.
        name: awards, recipients or prime_awards.
        load_id: identifier of the load.
        layout: the layout that binds the headers.
        advance: told the number of bytes done.
    """

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, name: str, load_id: str, layout: str, advance: Progress
    ) -> None:
        self._connection = connection
        self._name = name
        self._load_id = load_id
        self._layout = layout
        self._advance = advance
        self._rows = 0
        self._loaded: dict[str, LoadedPart] = {}

    def load_all(self, parts: list[Part], scratch: Path, notes: list[str]) -> list[LoadedPart]:
        """Load the parts; those of a kind that comes with the right files are skipped, and noted.

        Raises:
            WarehouseError: if one cannot be read, or none is of the right kind.
        """
        loaded: list[LoadedPart] = []
        skipped: list[OtherKindError] = []
        for part in parts:
            try:
                loaded.append(self.load(part, scratch))
            except OtherKindError as error:
                if not error.kind.is_skipped:
                    raise
                skipped.append(error)
        if skipped and not loaded:
            raise skipped[0]
        for kind in dict.fromkeys(error.kind.name for error in skipped):
            names = [error.file_name for error in skipped if error.kind.name == kind]
            notes.append(f"{kind}, skipped: {shortened(names)}")
        return loaded

    def load(self, part: Part, scratch: Path) -> LoadedPart:
        """Load a part; its unpacked and repaired copies are gone afterwards.

        Raises:
            WarehouseError: if it cannot be read, or its records do not add up.
        """
        started = time.perf_counter()
        try:
            with tempfile.TemporaryDirectory(dir=scratch) as folder:
                loaded = self._load(part, Path(folder), started)
        except csv.Error as error:
            raise WarehouseError(f"{part.name}: its quotes do not pair up ({error}). Get it again") from error
        if loaded.records != loaded.rows + loaded.quarantined + loaded.filtered:
            raise WarehouseError(
                f"{part.name}: {loaded.records:,} records were read, but {loaded.rows:,} loaded, "
                f"{loaded.quarantined:,} quarantined and {loaded.filtered:,} filtered; "
                "nothing was changed. Its quotes may not pair up: mend them or get it again, else report this file"
            )
        self._rows += loaded.rows
        if SAME_FILE not in loaded.filters:
            self._loaded[loaded.sha256] = loaded
        return loaded

    def _load(self, part: Part, scratch: Path, started: float) -> LoadedPart:
        scan: Scan | None = None
        notes: list[str] = []
        form = part.form
        if part.columns is not None:
            scan, sha256 = unpack_copy(part, scratch, self._advance)
        else:
            unpacked = unpack_part(part, scratch, self._advance)
            sha256 = unpacked.sha256
        if twin := self._loaded.get(sha256):
            return self._left_out(part, twin, started)
        if scan is None and unpacked.text:
            scan = scan_csv(part.name, unpacked.path, unpacked.text, scratch)
            notes += scan.notes
        extract_seconds = time.perf_counter() - started
        if scan:
            binding = bind_header(self._layout, part.name, scan.header)
            read_csv(self._connection, part.name, scan, is_copy=part.columns is not None)
        else:
            form = part.form.replace("CSV", "Parquet")
            binding, records = read_parquet(self._connection, part.name, unpacked.path, self._layout)
        totals = 0
        if part.columns is None and self._layout == self._name:
            totals = quarantine_totals(self._connection, self._name, binding, scan, self._load_id, part.name)
        filters = filter_records(
            self._connection, self._layout, scan.header if scan and part.columns is None else None, binding
        )
        rows = self._insert(binding, is_copy=part.columns is not None)
        quarantined = totals
        if scan:
            rejected = quarantine_rejects(self._connection, self._name, scan, self._load_id, part.name)
            quarantined += len(rejected)
            records = scan.records
            if records != rows + quarantined + sum(filters.values()) and part.columns is None:
                records = count_slowly(scan, rejected)
            elif quarantined and scan.open_lines > MAX_OPEN_LINES:
                raise WarehouseError(
                    f"{part.name}: a quote in record {records + 1:,} is never closed, and the "
                    f"{scan.open_lines:,} lines after it are lost in it. Mend that quote or get the file again"
                )
        self._connection.execute("drop table incoming")
        return LoadedPart(
            part,
            sha256,
            form,
            records,
            rows,
            quarantined,
            filters,
            [*notes, *describe_columns(binding)],
            time.perf_counter() - started,
            extract_seconds,
        )

    def _left_out(self, part: Part, twin: LoadedPart, started: float) -> LoadedPart:
        seconds = time.perf_counter() - started
        filters = {SAME_FILE: twin.records}
        notes = [f"{part.name} holds the same as {twin.part.name}, and was left out"]
        return LoadedPart(part, twin.sha256, part.form, twin.records, 0, 0, filters, notes, seconds, seconds)

    def _insert(self, binding: Binding, *, is_copy: bool) -> int:
        """Insert `incoming` into the raw table; columns that the file lacks are null."""

        def value(position: int) -> str:
            return f"nullif({unescaped(f'c{position}')}, '')" if is_copy else f"nullif(c{position}, '')"

        columns = {column: value(position) for column, position in binding.positions.items()}
        if self._layout == RECIPIENTS_OF_THEIR_OWN:
            columns["recipient_hash"] = "lpad(cast(number as varchar), 12, '0')"
        if binding.is_transactions:
            columns["_transaction_of"] = award_of_transaction(columns)
        row = self._connection.execute(
            f"insert into raw.{self._name} (_row_number, _load_id, _loaded_on, {', '.join(columns)}) "  # noqa: S608
            f"select number, {quoted(self._load_id)}, localtimestamp::date, {', '.join(columns.values())} "
            f"from (select {self._rows} + row_number() over () as number, * from incoming) as numbered"
        ).fetchone()
        return int(row[0]) if row else 0


def describe_columns(binding: Binding) -> list[str]:
    """Lines for the user about columns left out, filled with null or known by other names."""
    notes = [*binding.notes]
    if binding.is_transactions:
        notes.append("each record is a transaction: the obligations of an award are added up")
    if binding.missing:
        notes.append(f"not in the file, loaded as null: {', '.join(binding.missing)}")
    if binding.extra:
        notes.append(f"not needed, left out: {shortened(binding.extra)}")
    return notes


def gather_notes(loaded: list[LoadedPart]) -> list[str]:
    """The notes of all parts, each once, with the number of parts it is true of, where that is not all."""
    names = tuple(part.part.name for part in loaded)
    counts = Counter(note for part in loaded for note in part.notes)
    return [
        note if number == len(loaded) or note.startswith(names) else f"{note} (in {number} of {len(loaded)} files)"
        for note, number in counts.items()
    ]

"""The layouts of the generated files, and how rows are streamed into them as CSV or Parquet."""

import csv
from pathlib import Path
from types import TracebackType

import pyarrow as pa
import pyarrow.parquet as pq

from loading.layout import RECORD_MARKS, read_layout

ROWS_PER_BATCH = 20_000
TRUE_LINKS = ["award_row_number", "recipient_hash", "noise_class"]


def headers_of(name: str) -> dict[str, str]:
    """Header in the file by raw column name, of awards, recipients or prime_awards (without keys)."""
    return {column.name: column.header for column in read_layout(name) if column.name not in RECORD_MARKS}


class TableWriter:
    """Streams rows of text into a file in bounded memory.

    Args:
        path: the file without its ending.
        headers: column names of the file.
        file_format: csv or parquet.
    """

    def __init__(self, path: Path, headers: list[str], file_format: str) -> None:
        self.rows = 0
        self._headers = headers
        self._batch: list[list[str]] = []
        self._parquet: pq.ParquetWriter | None = None
        if file_format == "parquet":
            schema = pa.schema([(header, pa.string()) for header in headers])
            self._parquet = pq.ParquetWriter(path.with_suffix(".parquet"), schema)
        else:
            self._file = path.with_suffix(".csv").open("w", encoding="utf-8", newline="")
            self._csv = csv.writer(self._file, lineterminator="\n")
            self._csv.writerow(headers)

    def write(self, row: list[str]) -> None:
        """Add a row, in the order of the headers."""
        self.rows += 1
        self._batch.append(row)
        if len(self._batch) >= ROWS_PER_BATCH:
            self._flush()

    def _flush(self) -> None:
        if self._parquet is None:
            self._csv.writerows(self._batch)
        elif self._batch:
            columns = [
                pa.array([text or None for text in column], pa.string()) for column in zip(*self._batch, strict=True)
            ]
            self._parquet.write_table(pa.table(columns, names=self._headers))
        self._batch.clear()

    def __enter__(self) -> "TableWriter":
        """Start writing."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Write what is left and close the file."""
        self._flush()
        if self._parquet is None:
            self._file.close()
        else:
            self._parquet.close()

"""What must hold in a soak: the published file is one of the reference builds, and every record is accounted for."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import duckdb

from soaking.inputs import Input

# What a build makes of its input alone: no times, and nothing of the run before.
COMPARED_SCHEMAS = ("enrichment", "analytics")


@dataclass(frozen=True)
class Reference:
    """What a clean build of an input published.

    Attributes:
        name: of the input.
        file_names: of the input.
        tables: every table of the published file, with its schema.
        gates: names of the gates.
        digests: of the rows of each compared table.
    """

    name: str
    file_names: list[str]
    tables: list[str]
    gates: list[str]
    digests: dict[str, str]


@dataclass
class Sighting:
    """What was seen in a published file, and what is wrong with it.

    Attributes:
        name: of the input it was made from; empty where it equals no reference.
        version: number of the publication.
        ungated_rows: enriched rows that no reference build let out, or of which a gate failed.
        wrong: a sentence for each thing that is not as it must be.
    """

    name: str = ""
    version: int = 0
    ungated_rows: int = 0
    wrong: list[str] = field(default_factory=list)


def digest_tables(connection: duckdb.DuckDBPyConnection, tables: Sequence[str]) -> dict[str, str]:
    """Digest the rows of tables, whatever their order."""
    digests = {}
    for table in tables:
        row = connection.execute(
            f"select concat_ws(' ', count(*), sum(cast(hash(contents) as hugeint)), bit_xor(hash(contents))) "  # noqa: S608
            f"from {table} as contents"
        ).fetchone()
        digests[table] = str(row[0]) if row else ""
    return digests


def _tables(connection: duckdb.DuckDBPyConnection) -> list[str]:
    return [
        name
        for (name,) in connection.execute(
            "select schema_name || '.' || table_name from duckdb_tables() order by all"
        ).fetchall()
    ]


def open_published(path: Path) -> duckdb.DuckDBPyConnection:
    """Open a published file as an analyst does, sparing of threads."""
    return duckdb.connect(str(path), read_only=True, config={"threads": 1})


def take_reference(path: Path, given: Input) -> Reference:
    """Note what a clean build published.

    Args:
        path: the published file.
        given: the input it was built from.

    Returns:
        The reference.
    """
    with open_published(path) as connection:
        tables = _tables(connection)
        gates = connection.execute("select gate from quality.gate_results order by gate").fetchall()
        compared = [table for table in tables if table.split(".")[0] in COMPARED_SCHEMAS]
        return Reference(
            given.name, given.file_names, tables, [gate for (gate,) in gates], digest_tables(connection, compared)
        )


def save_references(references: Sequence[Reference], path: Path) -> None:
    """Write references to a file, for the readers."""
    path.write_text(json.dumps([asdict(reference) for reference in references]), encoding="utf-8")


def load_references(path: Path) -> list[Reference]:
    """Read references back."""
    return [Reference(**each) for each in json.loads(path.read_text(encoding="utf-8"))]


def look_at(connection: duckdb.DuckDBPyConnection, references: Sequence[Reference]) -> Sighting:
    """See whether a published file is whole, gated and what a clean build of its input publishes.

    Args:
        connection: open on the file.
        references: what may be published.

    Returns:
        What was seen.

    Raises:
        duckdb.Error: if it cannot be read.
    """
    publications = connection.execute(
        "select version, awards, matched_awards, sources from observability.publication"
    ).fetchall()
    if len(publications) != 1:
        return Sighting(wrong=[f"observability.publication has {len(publications)} rows"])
    version, awards, matched, sources = publications[0]
    seen = Sighting(version=version)
    row = connection.execute(
        "select count(*), count(*) filter (where _usaspending_match_status = 'matched') "
        "from enrichment.enriched_sbir_awards"
    ).fetchone()
    if row != (awards, matched):
        seen.wrong.append(f"the publication tells of {awards} awards, {matched} matched, the enriched table has {row}")
    rows = row[0] if row else 0
    named = [each for each in references if set(each.file_names) <= set(str(sources).split(", "))]
    if not named:
        seen.wrong.append(f"it says to be made from {sources}, which is no input")
    else:
        seen.wrong += _differences(connection, named[0])
        seen.name = "" if seen.wrong else named[0].name
    if seen.wrong:
        seen.ungated_rows = rows
        seen.wrong = [f"version {version}: {sentence}" for sentence in seen.wrong]
    return seen


def _differences(connection: duckdb.DuckDBPyConnection, reference: Reference) -> list[str]:
    """How a published file differs from the reference that it says to be."""
    tables = _tables(connection)
    if tables != reference.tables:
        return [f"its tables are not those of {reference.name}: {sorted(set(tables) ^ set(reference.tables))}"]
    wrong = []
    gates = connection.execute("select gate, verdict <> 'failed' from quality.gate_results order by gate").fetchall()
    if gates != [(gate, True) for gate in reference.gates]:
        wrong.append(f"its gates are {gates}")
    for table, digest in digest_tables(connection, list(reference.digests)).items():
        if digest != reference.digests[table]:
            wrong.append(f"{table} is not what a clean build of {reference.name} makes")
    return wrong


def look(path: Path, references: Sequence[Reference]) -> Sighting:
    """Open a published file and see what it holds; what goes wrong is told, not raised."""
    try:
        with open_published(path) as connection:
            return look_at(connection, references)
    except (OSError, duckdb.Error) as error:
        return Sighting(wrong=[f"{path} cannot be read: {error}"])


def count_lost(working: Path, given: Input) -> tuple[int, list[str]]:
    """Count the records of an input that are in no table of the working file.

    Args:
        working: the working file, which nobody writes.
        given: the input that is loaded.

    Returns:
        How many are lost, and a sentence for each input that does not add up: lost, doubled or misreported records.
    """
    lost, wrong = 0, []
    with duckdb.connect(str(working), read_only=True) as connection:
        columns = [name for name, *_ in connection.execute("describe raw.load_history").fetchall()]
        filtered = "coalesce(sum(rows_filtered), 0)" if "rows_filtered" in columns else "0"
        for kind, records in given.records.items():
            told = connection.execute(
                "select coalesce(sum(records_read), 0), coalesce(sum(rows_loaded), 0), "  # noqa: S608
                f"coalesce(sum(rows_quarantined), 0), {filtered} from raw.load_history where is_current and input = ?",
                [kind],
            ).fetchone()
            found = connection.execute(
                f"select (select count(*) from raw.{kind}), (select count(*) from quarantine.{kind})"  # noqa: S608
            ).fetchone()
            assert told is not None and found is not None  # noqa: S101
            read, loaded, quarantined, left_out = (int(number) for number in told)
            lost += max(records - sum(found) - left_out, 0)
            if (read, (loaded, quarantined), sum(found) + left_out) != (records, found, records):
                wrong.append(
                    f"{kind} of {given.name}: {records} records in the file; {found[0]} are loaded, "
                    f"{found[1]} quarantined; told were {read} read, {loaded} loaded, {quarantined} quarantined, "
                    f"{left_out} left out"
                )
    return lost, wrong


def loaded_input(working: Path, inputs: Sequence[Input]) -> Input | None:
    """Which input the working file says is loaded; None where it is none of them, or more than one."""
    with duckdb.connect(str(working), read_only=True) as connection:
        names = {
            name for (name,) in connection.execute("select file_name from raw.load_history where is_current").fetchall()
        }
    return next((each for each in inputs if set(each.file_names) == names), None)


def sha256_of(path: Path) -> str:
    """Digest of a file's bytes; empty where there is no file."""
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else ""

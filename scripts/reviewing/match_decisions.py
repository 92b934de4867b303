"""Files of what people decided about pairs of company and recipient: the seed that dbt reads, and spreadsheets."""

import contextlib
import csv
import io
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import NamedTuple

from filelock import FileLock, Timeout

from database.warehouse import WarehouseError
from interface.spreadsheet_cells import csv_line, harmless, undo_harmless

SEED = Path("seeds/match_decisions.csv")
DECISIONS = ("same", "different", "unsure")
SEED_COLUMNS = ("company_name", "state", "recipient_hash", "decision", "decided_on", "note")
LONGEST_WAIT_SECONDS = 30
SHEET_COLUMNS = ("company_name", "company_state", "candidate_recipient_hash", "decision", "note")


class Pair(NamedTuple):
    """What a decision is about: a company as the awards spell it, its state ('' where unknown), and a recipient."""

    company_name: str
    state: str
    recipient_hash: str


class Decision(NamedTuple):
    """What a person decided about a pair (one of `DECISIONS`), when, and a remark."""

    decision: str
    decided_on: date
    note: str


class Record(NamedTuple):
    """A record of a CSV file by column, its number as a spreadsheet counts rows, and the line on which it begins."""

    row: int
    line: int
    cells: dict[str, str]


Decisions = dict[Pair, Decision]
Changes = Mapping[Pair, Decision | None]
Places = dict[Pair, str]


def refuse_malformed_decisions(path: Path) -> None:
    """Refuse a decisions file that is malformed. It may contradict itself: the build lists contradictions.

    Raises:
        WarehouseError: with the line, if the file is malformed.
    """
    for _ in _read_seed(path):
        pass


def read_decisions(path: Path) -> Decisions:
    """Read the decisions file; a file that is not there holds none.

    Raises:
        WarehouseError: with the line, if the file is malformed or contradicts itself.
    """
    if not path.exists():
        return {}
    decisions, places = _gather(path, _read_seed(path))
    refuse_second_recipient(path, decisions, places)
    return decisions


def change_decisions(path: Path, changes: Changes) -> Changes:
    """Set decisions in the file, or take them out where they are None; others stay as they stand in the file now.

    Returns:
        The changes that restore what was there before.

    Raises:
        WarehouseError: if the file is malformed, would contradict itself or cannot be written; it is as it was then.
    """
    with _held(path):
        decisions = read_decisions(path)
        before = {pair: decisions.get(pair) for pair in changes}
        for pair, decision in changes.items():
            if decision is None:
                decisions.pop(pair, None)
            else:
                decisions[pair] = decision
        refuse_second_recipient(path, decisions, dict.fromkeys(changes, "decided now"))
        if changes:
            write_decisions(path, decisions)
    return before


def write_decisions(path: Path, decisions: Decisions) -> None:
    """Write the decisions file whole, in one order whatever the history, so that git shows what was decided.

    Raises:
        WarehouseError: if it cannot be written; it is as it was then.
    """
    rows = (
        (*pair, decision, decided_on.isoformat(), note)
        for pair, (decision, decided_on, note) in sorted(decisions.items())
    )
    write_atomically(path, "".join(map(csv_line, (SEED_COLUMNS, *rows))))


def differing(decisions: Decisions, proposed: Decisions) -> Decisions:
    """The proposed decisions that say something new: another decision, or another note that is not empty."""
    return {
        pair: new
        for pair, new in proposed.items()
        if (old := decisions.get(pair)) is None or old.decision != new.decision or (new.note not in ("", old.note))
    }


def refuse_second_recipient(path: Path, decisions: Decisions, places: Places) -> None:
    """Refuse decisions by which a company is the same as two recipients.

    Args:
        path: the file they come from.
        decisions: all that would hold together.
        places: where in the file each stands; those that are not there stand in the decisions file.

    Raises:
        WarehouseError: naming the company and both recipients.
    """
    linked: dict[tuple[str, str], Pair] = {}
    for pair, decision in decisions.items():
        if decision.decision != "same":
            continue
        other = linked.setdefault((pair.company_name, pair.state), pair)
        if other != pair:
            first, second = (f"{each.recipient_hash} ({places.get(each, 'decided before')})" for each in (other, pair))
            raise WarehouseError(
                f"{path}: the company {pair.company_name!r} in {pair.state!r} is the same as two recipients, "
                f"{first} and {second}. Keep one"
            )


def write_sheet(path: Path, columns: Sequence[str], rows: Iterable[Iterable[object]]) -> None:
    """Write rows for a spreadsheet, with empty columns decision and note, and no cell that it takes for a formula.

    Args:
        path: a file that is not there yet.
        columns: names of the columns of the rows, those of `SHEET_COLUMNS` that identify a pair among them.
        rows: their values; None makes an empty cell.

    Raises:
        WarehouseError: if the file is there, as it may hold decisions, or cannot be written.
    """
    if path.exists():
        raise WarehouseError(f"{path} is there already and may hold decisions. Give another name")
    cells = ([harmless("" if value is None else str(value)) for value in row] for row in rows)
    lines = [csv_line((*columns, "decision", "note")), *(csv_line([*row, "", ""]) for row in cells)]
    # Excel reads a file as UTF-8 only where it begins with a byte order mark.
    write_atomically(path, "\ufeff" + "".join(lines))


def read_sheet(path: Path, decided_on: date) -> tuple[Decisions, Places]:
    """Read the filled-in rows of a spreadsheet that `write_sheet` began.

    Args:
        path: the sheet as CSV, as a spreadsheet saves it.
        decided_on: the date that the decisions get.

    Returns:
        The decisions, and the row of each.

    Raises:
        WarehouseError: with the row, if one cannot be read or two contradict each other.
    """
    return _gather(path, _read_filled_rows(path, decided_on))


def write_atomically(path: Path, text: str) -> None:
    """Write a file so that it is there in full or as it was, even where the process is killed.

    Raises:
        WarehouseError: if it cannot be written.
    """
    # A link to a file stays one. The name is this process's own: others may be writing the same file.
    target = path.resolve()
    fresh = target.with_name(f"{target.name}.{os.getpid()}.writing")
    try:
        with fresh.open("w", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(target)
    except OSError as error:
        raise WarehouseError(f"Cannot write {path}: {error.strerror}. It is as it was") from error
    finally:
        with contextlib.suppress(OSError):
            fresh.unlink()


@contextlib.contextmanager
def _held(path: Path) -> Iterator[None]:
    """Hold the file's lock, so that whoever else changes the file meanwhile waits and loses nothing.

    Raises:
        WarehouseError: if the lock cannot be had.
    """
    target = path.resolve()
    try:
        with FileLock(target.with_name(f".{target.name}.lock"), timeout=LONGEST_WAIT_SECONDS):
            yield
    except Timeout as error:
        raise WarehouseError(
            f"{path} is being changed by another process. Wait until it is done, then again"
        ) from error
    except OSError as error:
        raise WarehouseError(f"Cannot write {path}: {error.strerror}. It is as it was") from error


def _read_seed(path: Path) -> Iterator[tuple[str, Pair, Decision]]:
    for record in _read_records(path, SEED_COLUMNS, is_seed=True):
        place = f"line {record.line}"
        company_name, state, recipient_hash, decision, decided_on, note = (record.cells[name] for name in SEED_COLUMNS)
        yield (
            place,
            _pair(path, place, company_name, state, recipient_hash),
            Decision(_decision(path, place, decision), _iso_date(path, place, decided_on), note),
        )


def _read_filled_rows(path: Path, decided_on: date) -> Iterator[tuple[str, Pair, Decision]]:
    for record in _read_records(path, SHEET_COLUMNS):
        place = f"row {record.row}"
        company_name, state, recipient_hash = (undo_harmless(record.cells[name]) for name in SHEET_COLUMNS[:3])
        if decision := record.cells["decision"].strip().lower():
            yield (
                place,
                _pair(path, place, company_name, state, recipient_hash),
                Decision(_decision(path, place, decision), decided_on, record.cells["note"]),
            )


def _read_records(path: Path, columns: Sequence[str], *, is_seed: bool = False) -> Iterator[Record]:
    """Records of a CSV file, with or without byte order mark.

    A spreadsheet may save a sheet with semicolons and cut rows short; the seed is read as strictly as dbt reads it.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            text = file.read()
    except UnicodeDecodeError as error:
        raise WarehouseError(f"{path} is no UTF-8 text. Save it as 'CSV UTF-8'") from error
    except OSError as error:
        raise WarehouseError(f"Cannot read {path}: {error.strerror}") from error
    first_line = text.partition("\n")[0]
    delimiter = ";" if not is_seed and first_line.count(";") > first_line.count(",") else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = 1
    try:
        header = next(reader, [])
        for column in columns:
            if header.count(column) != 1:
                raise WarehouseError(f"{path} line 1: the column {column!r} must be there, once")
        if is_seed and len(header) > len(columns):
            raise WarehouseError(f"{path} line 1: there must be no columns but {', '.join(columns)}")
        line = reader.line_num + 1
        for row, cells in enumerate(reader, start=2):
            if len(cells) > len(header) or (is_seed and 0 < len(cells) < len(header)):
                raise WarehouseError(
                    f"{path} line {line}: {len(cells)} cells under {len(header)} columns. Put quotes around commas"
                )
            if cells:
                padded = cells + [""] * (len(header) - len(cells))
                yield Record(row, line, dict(zip(header, padded, strict=True)))
            line = reader.line_num + 1
    except csv.Error as error:
        raise WarehouseError(f"{path} line {line}: its quotes do not pair up ({error}). Repair them") from error


def _gather(path: Path, entries: Iterable[tuple[str, Pair, Decision]]) -> tuple[Decisions, Places]:
    """Decisions by pair and the place of each; of repeated ones the last counts, contradicting ones are refused."""
    decisions: Decisions = {}
    places: Places = {}
    for place, pair, decision in entries:
        if pair in decisions and decisions[pair].decision != decision.decision:
            raise WarehouseError(
                f"{path}, {place}: {pair.company_name!r} in {pair.state!r} and recipient {pair.recipient_hash} are "
                f"decided {decision.decision!r} here and {decisions[pair].decision!r} in {places[pair]}. Keep one"
            )
        decisions[pair] = decision
        places[pair] = place
    return decisions, places


def _pair(path: Path, place: str, company_name: str, state: str, recipient_hash: str) -> Pair:
    if not company_name or not recipient_hash:
        raise WarehouseError(f"{path} {place}: the company's name or the recipient's hash is empty. Fill it in")
    return Pair(company_name, state, recipient_hash)


def _decision(path: Path, place: str, text: str) -> str:
    if text not in DECISIONS:
        raise WarehouseError(f"{path} {place}: the decision {text!r} is none of {', '.join(DECISIONS)}. Correct it")
    return text


def _iso_date(path: Path, place: str, text: str) -> date:
    if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        with contextlib.suppress(ValueError):
            return date.fromisoformat(text)
    raise WarehouseError(f"{path} {place}: {text!r} is no date like 2025-12-31. Correct it")

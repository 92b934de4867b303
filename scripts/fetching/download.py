"""Fetch one file: go on where a cut left off, try again, check, and put it in place by one rename.

The file that was there stays untouched until the new one is complete and good.
"""

import errno
import io
import itertools
import os
import re
import shutil
import time
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path

import filelock
import requests
from tenacity import RetryCallState, Retrying, retry_if_exception_type, wait_random

from fetching.checks import check_content, refuse_other_content
from fetching.config import Source
from fetching.http_answers import CHUNK_BYTES, Client, FetchError, PassingError, received
from fetching.listing import current_address
from fetching.progress import Watch, megabytes
from fetching.records import (
    FILE_MODE,
    Record,
    make_durable,
    part_path,
    read_record,
    remove_part,
    resumable,
    write_record,
)
from interface.settings import setting
from loading.forms import sha256_of

FULL_DISK = (errno.ENOSPC, errno.EDQUOT)
# From here on a check takes long enough to be announced.
LARGE_BYTES = 1_000_000_000


@dataclass(frozen=True)
class Target:
    """A file to fetch: of which source, for which fiscal year, and where to."""

    source: Source
    fiscal_year: int | None
    path: Path

    @property
    def label(self) -> str:
        """What users call it."""
        return f"{self.source.name}-{self.fiscal_year}" if self.fiscal_year else self.source.name


class Download:
    """One file being fetched."""

    def __init__(self, client: Client, target: Target, watch: Watch, *, force: bool) -> None:
        self._client = client
        self._target = target
        self._watch = watch
        self._force = force
        self._part = part_path(target.path)
        self._furthest = 0
        self._deadline = time.monotonic() + client.manners.longest_fetch_seconds
        self._fruitless_tries = 0

    def run(self) -> Record | None:
        """Fetch the file, unless the one in place is current.

        Returns:
            Its record, or None where the one in place is current.

        Raises:
            FetchError: if it cannot be fetched; what was in place is untouched then.
        """
        with write_failures_told(self._target.path.parent), locked(self._target.path):
            kept = None if self._force else self._good_record()
            wanted = self._target.source.sha256.lower()
            if kept and wanted:
                if kept.sha256 == wanted:
                    return None
                kept = None
            if self._force:
                remove_part(self._part)
            self._furthest = self._size()
            attempts = self._client.manners.attempts
            tries = Retrying(
                retry=retry_if_exception_type(PassingError),
                stop=lambda state: self._fruitless_tries >= attempts,
                wait=self._seconds_to_wait,
                before_sleep=self._tell_of_failure,
                reraise=True,
            )
            try:
                return tries(self._try_counted, kept)
            except PassingError as error:
                raise FetchError(f"{error.message}. {attempts} tries brought nothing new; {self._advice()}") from error

    def _size(self) -> int:
        """Bytes of the partial file."""
        return self._part.stat().st_size if self._part.exists() else 0

    def _advice(self) -> str:
        """What to do after a failure that may pass."""
        record = read_record(self._part)
        if record and resumable(self._part, record.address):
            return f"try again later, {self._part.name} is gone on with"
        return "try again later"

    def _good_record(self) -> Record | None:
        """The record of the file in place, if it still is the file that was fetched."""
        path = self._target.path
        record = read_record(path)
        if record is None or not path.is_file() or path.stat().st_size != record.bytes:
            return None
        self._announce_check(path)
        return record if sha256_of(path) == record.sha256 else None

    def _announce_check(self, path: Path) -> None:
        if path.stat().st_size >= LARGE_BYTES:
            self._watch.say(f"checking {path.name}")

    def _try_counted(self, kept: Record | None) -> Record | None:
        try:
            return self._try_once(kept)
        except PassingError:
            # A server that cuts every connection, but sends more each time, gets there in the end.
            brought_more = self._size() > self._furthest
            self._fruitless_tries = 0 if brought_more else self._fruitless_tries + 1
            self._furthest = max(self._size(), self._furthest)
            raise

    def _seconds_to_wait(self, state: RetryCallState) -> float:
        """Longer after each failure, with jitter, and at least as long as the server asks."""
        manners = self._client.manners
        error = state.outcome.exception() if state.outcome else None
        asked = error.retry_after if isinstance(error, PassingError) else None
        doublings = max(0, self._fruitless_tries - 1)
        wait = min(manners.longest_wait_seconds, manners.first_wait_seconds * 2.0**doublings)
        return max(wait + wait_random(0, manners.first_wait_seconds)(state), asked or 0.0)

    def _tell_of_failure(self, state: RetryCallState) -> None:
        error = state.outcome.exception() if state.outcome else None
        wait = state.next_action.sleep if state.next_action else 0.0
        self._watch.say(f"{error}; trying again in {wait:.0f} s")

    def _try_once(self, kept: Record | None) -> Record | None:
        address = current_address(self._client, self._target.source, self._target.fiscal_year)
        held = resumable(self._part, address)
        headers: dict[str, str] = {}
        if held:
            record, size = held
            # The last byte once more: what is complete already is then answered like the rest.
            headers = {"Range": f"bytes={size - 1}-", "If-Range": record.strong_validator}
        elif kept and kept.address == address:
            if kept.etag:
                headers["If-None-Match"] = kept.etag
            if kept.last_modified:
                headers["If-Modified-Since"] = kept.last_modified
        with self._client.ask(address, self._target.source.hosts, headers) as response:
            if response.status_code == HTTPStatus.NOT_MODIFIED:
                if not kept or held:
                    raise FetchError(f"{address} answers 304 though nothing was held. Try again with --force")
                return None
            if kept and kept.address == address and kept.etag and response.headers.get("ETag") == kept.etag:
                remove_part(self._part)
                return None
            if held:
                start = self._start_of_rest(response, *held)
            elif response.status_code == HTTPStatus.OK:
                start = 0
            else:
                raise FetchError(f"{address} answers {response.status_code} to a plain question. Try again later")
            fresh = self._gather(response, address, start, held[0] if held and start else None)
        return self._accept(fresh, address, was_resumed=start > 0)

    def _start_of_rest(self, response: requests.Response, record: Record, size: int) -> int:
        """From which byte on an answer to a range is to be written; what is held is dropped where it does not fit."""
        if response.status_code == HTTPStatus.OK:
            self._watch.say("the server sends the whole file anew")
            return 0
        bounds = re.fullmatch(r"bytes (\d+)-(\d+)/(\d+|\*)", response.headers.get("Content-Range", "").strip())
        fits = (
            response.status_code == HTTPStatus.PARTIAL_CONTENT
            and bounds is not None
            and int(bounds[1]) == size - 1
            and (record.bytes is None or bounds[3] in ("*", str(record.bytes)))
            and response.headers.get("ETag", record.etag) == record.etag
            and response.headers.get("Last-Modified", record.last_modified) == record.last_modified
            and not decoder_for(response, self._target.source)
        )
        if not fits:
            remove_part(self._part)
            raise PassingError("The file changed at the server, or it cannot go on from there; starting anew")
        return size - 1

    def _gather(self, response: requests.Response, address: str, start: int, held: Record | None) -> Record:
        """Write an answer to the partial file, from a byte on.

        Args:
            response: the answer.
            address: that was asked for.
            start: the byte.
            held: the record of the partial file, where it is gone on with.

        Returns:
            The record of the partial file.

        Raises:
            PassingError: if the answer ends early.
        """
        decoder = decoder_for(response, self._target.source)
        coming = content_length(response)
        total = None if coming is None or decoder else start + coming
        if held and held.bytes is not None:
            total = held.bytes
        etag, last_modified = response.headers.get("ETag", ""), response.headers.get("Last-Modified", "")
        record = held or Record(address, etag, last_modified, total)
        self._refuse_full_disk((total or 0) - start)
        # Until the first bytes look right, what is held stays.
        chunks = checked_chunks(received(response), decoder, self._target.source, address, start)
        first = next(chunks, b"")
        self._watch.begin(address, start, total)
        if start == 0:
            remove_part(self._part)
            # An answer that is decoded on the way cannot be gone on with.
            write_record(self._part, replace(record, etag="", last_modified="") if decoder else record)
        descriptor = os.open(self._part, os.O_WRONLY | os.O_CREAT, FILE_MODE)
        # Unbuffered: what has come is in the file, however the process ends.
        with io.FileIO(descriptor, "w") as file:
            os.fchmod(descriptor, FILE_MODE)
            file.seek(start)
            for chunk in itertools.chain([first], chunks):
                rest = memoryview(chunk)
                while rest:
                    rest = rest[file.write(rest) :]
                self._watch.reached(file.tell())
                self._refuse_endless()
            written = file.tell()
            os.fsync(descriptor)
        if total is not None and written < total:
            raise PassingError(f"The connection ended after {written:,} of {total:,} bytes")
        return record

    def _accept(self, fresh: Record, address: str, *, was_resumed: bool) -> Record:
        """Check the complete partial file and put it in place.

        Raises:
            FetchError: if it is no good; it is removed then.
        """
        self._announce_check(self._part)
        try:
            digest = check_content(self._part, self._target.source, address)
        except FetchError as error:
            remove_part(self._part)
            if was_resumed:
                raise PassingError(f"{error.message} It was gathered in pieces; starting anew") from error
            raise
        self._refuse_loss(address)
        now = datetime.now(UTC).isoformat(timespec="seconds")
        record = replace(fresh, bytes=self._part.stat().st_size, sha256=digest, fetched_at=now)
        self._part.replace(self._target.path)
        make_durable(self._target.path.parent)
        write_record(self._target.path, record)
        remove_part(self._part)
        return record

    def _refuse_endless(self) -> None:
        """Give up a server that trickles: each piece comes in time, the whole never."""
        if time.monotonic() > self._deadline:
            limit = self._client.manners.longest_fetch_seconds
            raise FetchError(f"Not complete after {limit:,} s, {self._size():,} bytes came; {self._advice()}")

    def _refuse_loss(self, address: str) -> None:
        """Keep a complete file aside that is much smaller than the one in place: it may be cut at a record's end.

        Raises:
            FetchError: if it is; the file in place is untouched then.
        """
        target = self._target.path
        before = target.stat().st_size if target.is_file() else 0
        size = self._size()
        if size < before * (1 - largest_drop()):
            aside = target.with_name(f"{target.name}.smaller")
            self._part.replace(aside)
            remove_part(self._part)
            raise FetchError(
                f"{address} sends {size:,} bytes, {1 - size / before:.0%} less than the {before:,} of {target.name}, "
                f"which was kept. The new file is {aside}: if it is right, move it to {target}"
            )

    def _refuse_full_disk(self, needed: int) -> None:
        folder = self._target.path.parent
        free = shutil.disk_usage(folder).free
        if needed > free:
            raise FetchError(
                f"{megabytes(needed)} are to come, but {megabytes(free)} are free in {folder}. "
                "Free some, or give another folder with --to"
            )


class Decoder:
    """Undoes the gzip encoding of an answer."""

    def __init__(self) -> None:
        self._stream = zlib.decompressobj(wbits=31)

    def decode(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """Decode an answer.

        Raises:
            PassingError: if it is cut or damaged.
        """
        try:
            for chunk in chunks:
                rest, holds_more = chunk, False
                while rest or holds_more:
                    if self._stream.eof:
                        self._stream = zlib.decompressobj(wbits=31)
                    # In pieces: a few bytes may stand for gigabytes.
                    piece = self._stream.decompress(rest, CHUNK_BYTES)
                    yield piece
                    rest = self._stream.unconsumed_tail or self._stream.unused_data
                    holds_more = len(piece) == CHUNK_BYTES and not self._stream.eof
        except zlib.error as error:
            raise PassingError("The answer's gzip encoding is damaged") from error
        if not self._stream.eof:
            raise PassingError("The answer's gzip encoding is cut")


def largest_drop() -> float:
    """The share of a file that its successor may lack: `SBIR_MAX_RECORD_DROP`, as for loaded records.

    Raises:
        SettingError: if the variable holds no fraction.
    """
    return float(setting("SBIR_MAX_RECORD_DROP") or "0.10")


def decoder_for(response: requests.Response, source: Source) -> Decoder | None:
    """What undoes an answer's encoding; None where there is none to undo.

    A gzip file that a server labels as gzip-encoded is kept as it is.

    Raises:
        FetchError: if the encoding is one that was not asked for and is not understood.
    """
    encoding = response.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding in ("", "identity"):
        return None
    if encoding not in ("gzip", "x-gzip"):
        raise FetchError(f"{response.url} sends the encoding {encoding}, which was not asked for. Try again later")
    return None if source.content == "gzip" else Decoder()


def checked_chunks(
    chunks: Iterator[bytes], decoder: Decoder | None, source: Source, where: str, start: int
) -> Iterator[bytes]:
    """An answer's decoded chunks, its first bytes checked where it is the beginning of a file."""
    is_first = start == 0
    for chunk in decoder.decode(chunks) if decoder else chunks:
        if chunk and is_first:
            refuse_other_content(chunk, source, where)
            is_first = False
        yield chunk


def content_length(response: requests.Response) -> int | None:
    """How many bytes an answer says are coming."""
    text = response.headers.get("Content-Length", "").strip()
    return int(text) if text.isdecimal() and "Transfer-Encoding" not in response.headers else None


@contextmanager
def locked(target: Path) -> Iterator[None]:
    """Hold a file's lock, so that nobody else fetches it.

    Raises:
        FetchError: if somebody else does.
    """
    try:
        with filelock.FileLock(target.with_name(f".{target.name}.lock"), timeout=0):
            yield
    except filelock.Timeout as error:
        raise FetchError(f"{target} is being fetched by another process. Wait until it is done") from error


@contextmanager
def write_failures_told(folder: Path) -> Iterator[None]:
    """Turn failures of the disk into one line."""
    try:
        yield
    except OSError as error:
        if error.errno in FULL_DISK:
            raise FetchError(
                f"The disk of {folder} is full. Free some space or give another folder with --to; what came is kept"
            ) from error
        if error.errno == errno.EFBIG:
            raise FetchError(
                f"The file is larger than {folder} or this user's limit allows. Raise it (ulimit -f) or give another "
                "folder with --to; what came is kept"
            ) from error
        raise FetchError(f"Cannot write to {folder}: {error.strerror or error}. Check the folder") from error

"""Fetching from servers that misbehave: what comes is whole and right, or the file that was there stays."""

import errno
import gzip
import hashlib
import io
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from conftest import PROJECT, Done
from fetch_sources import main
from fetching.download import Decoder
from fetching.http_answers import FetchError, checked_redirect, seconds_to_wait
from misbehaving_server import Answer, Site, encoded, serving

HEADER = "Company,Award Title,UEI\n"
CSV = (HEADER + "".join(f'FIRM {number},"Sensors, ""small"" ones",UEI{number}\n' for number in range(6000))).encode()
OTHER_CSV = CSV.replace(b"FIRM", b"CORP")
OLD_FILE = b"Company,Award Title,UEI\nthe good old file,,\n"
HALF = len(CSV) // 2
ETAG, OTHER_ETAG = '"one"', '"two"'
GOOD = Answer(CSV, etag=ETAG)
CUT = replace(GOOD, stop_after=HALF)
BUSY = Answer(b"busy", status=500)
PAGE = b"<!DOCTYPE html><html><body>We are down for maintenance</body></html>" * 100


def zipped(name: str, content: bytes, **others: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
        for member, data in others.items():
            archive.writestr(member, data, zipfile.ZIP_STORED)
    return buffer.getvalue()


ZIP = zipped("FY2024_1.csv", CSV)
GZIP = gzip.compress(CSV)
CONFIG = """
[manners]
user_agent = "sbir-recipients/test"
connect_timeout_seconds = 2
read_timeout_seconds = 0.3
attempts = 3
first_wait_seconds = 0.01
longest_wait_seconds = 0.02
longest_retry_after_seconds = 2
longest_fetch_seconds = 20

[[sources]]
name = "awards"
what = "awards"
documented_at = "https://example.org/awards"
address = "{site}/awards.csv"
hosts = ["127.0.0.1"]
file = "awards.csv"
content = "csv"
header_begins = ["Company", "Award Title"]
header_has = ["UEI"]
smallest_bytes = 1000
about_size = "small"
by_default = true

[[sources]]
name = "lookup"
what = "a compressed CSV"
documented_at = "https://example.org/lookup"
address = "{site}/lookup.csv.gz"
hosts = ["127.0.0.1"]
file = "lookup.csv.gz"
content = "gzip"
header_begins = ["Company"]
smallest_bytes = 1000
about_size = "small"

[[sources]]
name = "archive"
what = "a zip a year"
documented_at = "https://example.org/archive"
hosts = ["127.0.0.1"]
file = "FY{{fiscal_year}}.zip"
content = "zip"
member = "*.csv"
header_begins = ["Company"]
smallest_bytes = 100
about_size = "small"

[sources.listing]
address = "{site}/list"
hosts = ["127.0.0.1"]
method = "POST"
body = '{{"fiscal_year": {{fiscal_year}}}}'
key = "monthly_files"
file_name = 'FY{{fiscal_year}}_Full_[0-9]{{8}}\\.zip'

[[inputs]]
variable = "AWARDS"
files = ["awards.csv"]
required = true
how = "fetch it"

[[inputs]]
variable = "RECIPIENTS"
files = ["recipients.parquet", "recipients.csv"]
required = true
how = "export the table"
"""


@dataclass(frozen=True)
class Fetcher:
    """The command, its config and its folder."""

    site: Site
    config: Path
    folder: Path

    @property
    def awards(self) -> Path:
        return self.folder / "awards.csv"

    @property
    def part(self) -> Path:
        return self.folder / "awards.csv.part"

    def arguments(self, *arguments: str) -> list[str]:
        return [*arguments, "--config", str(self.config), "--to", str(self.folder)]

    def run(self, *arguments: str) -> Done:
        result = CliRunner().invoke(main, self.arguments(*arguments))
        assert result.exception is None or isinstance(result.exception, SystemExit), result.output
        return Done(result.exit_code, result.output)

    def start(self, *before: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [*before, sys.executable, str(PROJECT / "scripts" / "fetch_sources.py"), *self.arguments("awards")],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def put_awards(self, *answers: Answer) -> None:
        self.site.put("/awards.csv", *answers)

    def put_old_file(self) -> None:
        self.folder.mkdir()
        self.awards.write_bytes(OLD_FILE)

    def leftovers(self) -> set[str]:
        return {path.name for path in self.folder.iterdir() if not path.name.endswith(".lock")}


@pytest.fixture
def site() -> Iterator[Site]:
    with serving() as running:
        yield running


@pytest.fixture
def fetcher(site: Site, tmp_path: Path) -> Fetcher:
    config = tmp_path / "sources.toml"
    config.write_text(CONFIG.format(site=site.address), encoding="utf-8")
    return Fetcher(site, config, tmp_path / "raw")


# What ends well, however it went: the answers, and how many requests it took.
GOOD_ENDS: dict[str, tuple[list[Answer], int]] = {
    "plain": ([GOOD], 1),
    "cut, then gone on with": ([CUT, GOOD], 2),
    "cut after the headers": ([replace(GOOD, stop_after=0), GOOD], 2),
    "stalls, then gone on with": ([replace(CUT, stalls=True), GOOD], 2),
    "500, then works": ([BUSY, GOOD], 2),
    "503 with Retry-After": ([Answer(status=503, headers={"Retry-After": "0"}), GOOD], 2),
    "Range ignored": ([CUT, replace(GOOD, ranges=False)], 2),
    "no validators, so started anew": ([Answer(CSV, stop_after=HALF), Answer(CSV)], 2),
    "chunked, without a length": ([replace(GOOD, chunked=True)], 1),
    "chunked and cut": ([replace(GOOD, chunked=True, stop_after=HALF), replace(GOOD, chunked=True)], 2),
    "changed meanwhile": ([replace(CUT, body=OTHER_CSV, etag=OTHER_ETAG), GOOD], 2),
    "gone on with by Last-Modified": (
        [
            Answer(CSV, last_modified="Fri, 06 Sep 2024 00:00:00 GMT", stop_after=HALF),
            Answer(CSV, last_modified="Fri, 06 Sep 2024 00:00:00 GMT"),
        ],
        2,
    ),
    "416 to the range": ([CUT, Answer(status=416, headers={"Content-Range": "bytes */9"}), GOOD], 3),
    "too long a Content-Length, once": ([replace(GOOD, length=len(CSV) + 100, ranges=False), GOOD], 3),
    "encoded on the way": ([encoded(CSV)], 1),
    "encoded on the way and cut": ([replace(encoded(CSV), stop_after=1000), encoded(CSV)], 2),
    # Two tries brought something new: the three that a fruitless series has do not end it.
    "cut again and again": ([replace(GOOD, stop_after=len(CSV) // 6)] * 5 + [GOOD], 6),
    # A server that heeds Range but not If-Range hands out the rest of another file.
    "another file's rest": (
        [
            replace(CUT, body=OTHER_CSV, etag=OTHER_ETAG),
            Answer(
                CSV[HALF - 1 :],
                status=206,
                etag=ETAG,
                headers={"Content-Range": f"bytes {HALF - 1}-{len(CSV) - 1}/{len(CSV)}"},
            ),
            GOOD,
        ],
        3,
    ),
}


@pytest.mark.parametrize("name", GOOD_ENDS)
def test_what_comes_is_whole(fetcher: Fetcher, name: str) -> None:
    answers, requests = GOOD_ENDS[name]
    fetcher.put_awards(*answers)
    done = fetcher.run()
    assert done.exit_code == 0, done.output
    assert fetcher.awards.read_bytes() == CSV
    assert len(fetcher.site.requests) == requests
    assert fetcher.leftovers() == {"awards.csv", "awards.csv.json"}
    assert fetcher.awards.stat().st_mode & 0o777 == 0o640
    record = json.loads((fetcher.folder / "awards.csv.json").read_text(encoding="utf-8"))
    assert record["sha256"] == hashlib.sha256(CSV).hexdigest()
    assert record["bytes"] == len(CSV)
    assert record["address"] == f"{fetcher.site.address}/awards.csv"


def test_only_the_rest_is_asked_for(fetcher: Fetcher) -> None:
    fetcher.put_awards(CUT, GOOD)
    fetcher.run()
    assert fetcher.site.asked("Range") == [None, f"bytes={HALF - 1}-"]
    assert fetcher.site.asked("If-Range") == [None, ETAG]
    assert fetcher.site.asked("Accept-Encoding") == ["identity"] * 2
    assert fetcher.site.asked("User-Agent") == ["sbir-recipients/test"] * 2


def test_what_was_decoded_on_the_way_is_not_gone_on_with(fetcher: Fetcher) -> None:
    fetcher.put_awards(replace(encoded(CSV, ETag=ETAG), stop_after=len(GZIP) // 2), GOOD)
    assert fetcher.run().exit_code == 0
    assert fetcher.site.asked("Range") == [None, None]


def test_less_than_the_rest_is_gone_on_with(fetcher: Fetcher) -> None:
    bounds = f"bytes {HALF - 1}-{HALF + 8}/{len(CSV)}"
    some = Answer(CSV[HALF - 1 : HALF + 9], status=206, etag=ETAG, headers={"Content-Range": bounds})
    fetcher.put_awards(CUT, some, GOOD)
    assert fetcher.run().exit_code == 0
    assert fetcher.site.asked("Range") == [None, f"bytes={HALF - 1}-", f"bytes={HALF + 8}-"]
    assert fetcher.awards.read_bytes() == CSV


def test_the_mode_is_the_same_for_every_user(fetcher: Fetcher) -> None:
    fetcher.put_awards(GOOD)
    before = os.umask(0o077)
    try:
        fetcher.run()
    finally:
        os.umask(before)
    assert {path.name: path.stat().st_mode & 0o777 for path in fetcher.folder.glob("awards*")} == {
        "awards.csv": 0o640,
        "awards.csv.json": 0o640,
    }


# What ends badly: the answers, words of the one line, how many requests it took, and whether a part may stay.
BAD_ENDS: dict[str, tuple[list[Answer], str, int]] = {
    "500 for ever": ([BUSY], "answers 500 Internal Server Error. 3 tries brought nothing new; try again later", 3),
    "404": ([Answer(b"gone", status=404)], "answers 404 Not Found. See whether the file has moved", 1),
    "403 as XML": ([Answer(b"<Error>AccessDenied</Error>", status=403)], "answers 403 Forbidden", 1),
    "204": ([Answer(status=204)], "answers 204", 1),
    "304 unasked": ([Answer(status=304)], "answers 304", 1),
    "a range unasked": ([Answer(CSV, status=206)], "answers 206", 1),
    "429 that asks for too long": (
        [Answer(status=429, headers={"Retry-After": "3600"})],
        "asks to wait 3,600 s. Try again then",
        1,
    ),
    "cut for ever": (
        [Answer(CSV, stop_after=HALF)],
        "cut the connection. 3 tries brought nothing new; try again later\n",
        4,
    ),
    "stalls for ever": ([replace(GOOD, stop_after=0, stalls=True)], "stalls. 3 tries", 3),
    "too long a Content-Length": (
        [replace(GOOD, length=len(CSV) + 100, ranges=False)],
        "cut the connection. 3 tries brought nothing new; try again later, awards.csv.part is gone on with\n",
        4,
    ),
    "too short a Content-Length": ([replace(GOOD, length=len(CSV) - 9)], "its last record has 2 of 3 fields", 1),
    "chunked and cut for ever": ([Answer(CSV, chunked=True, stop_after=HALF)], "cut the connection", 4),
    "a web page": ([Answer(PAGE)], "sends a web page or XML, no csv", 1),
    "a web page with a BOM": ([Answer(b"\xef\xbb\xbf\n" + PAGE)], "sends a web page or XML, no csv", 1),
    "a JSON error": ([Answer(b'{"detail": "throttled"}' * 99)], 'sends JSON, no csv: {"detail": "throttled"}', 1),
    "an empty file": ([Answer(b"")], "sends 0 bytes, less than the 1,000", 1),
    "a short file": ([Answer(CSV[:500])], "sends 500 bytes, less than the 1,000", 1),
    "another CSV": ([Answer(b"City,State\n" + CSV)], "begins with 'City, State', not with 'Company, Award Title'", 1),
    "a CSV that lacks a column": ([Answer(CSV.replace(b"UEI\n", b"Duns\n", 1))], "without the column 'UEI'", 1),
    "an unknown encoding": ([Answer(CSV, headers={"Content-Encoding": "br"})], "sends the encoding br", 1),
    "a damaged encoding": ([Answer(CSV, headers={"Content-Encoding": "gzip"})], "encoding is damaged", 3),
    "a cut encoding": (
        [Answer(GZIP[:-99], headers={"Content-Encoding": "gzip"})],
        "gzip encoding is cut",
        4,
    ),
    "another host": ([Answer(status=302, headers={"Location": "http://localhost:9/x"})], "localhost, which is not", 1),
    "round and round": ([Answer(status=302, headers={"Location": "/awards.csv"})], "more than 5 redirects", 6),
    "a scheme that is none": ([Answer(status=302, headers={"Location": "ftp://127.0.0.1/x"})], "which is not https", 1),
}


@pytest.mark.parametrize("name", BAD_ENDS)
def test_the_old_file_stays(fetcher: Fetcher, name: str) -> None:
    answers, words, requests = BAD_ENDS[name]
    fetcher.put_old_file()
    fetcher.put_awards(*answers)
    done = fetcher.run()
    assert done.exit_code == 2
    assert words in done.output
    assert [line for line in done.output.splitlines() if line.startswith("Error: awards: ")] == [
        done.output.splitlines()[-1]
    ]
    assert fetcher.awards.read_bytes() == OLD_FILE
    assert len(fetcher.site.requests) == requests
    assert not (fetcher.folder / "awards.csv.json").exists()


def test_no_connection(fetcher: Fetcher, tmp_path: Path) -> None:
    with serving() as gone:
        pass
    fetcher.put_old_file()
    fetcher.config.write_text(CONFIG.format(site=gone.address), encoding="utf-8")
    done = fetcher.run()
    assert done.exit_code == 2
    assert "127.0.0.1 cannot be reached (Connection refused). Check the network" in done.output
    assert fetcher.awards.read_bytes() == OLD_FILE


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_followed(fetcher: Fetcher, status: int) -> None:
    fetcher.site.put("/new.csv", CUT, GOOD)
    fetcher.put_awards(Answer(status=status, headers={"Location": "new.csv"}))
    assert fetcher.run().exit_code == 0
    assert fetcher.awards.read_bytes() == CSV
    assert [request.path for request in fetcher.site.requests] == ["/awards.csv", "/new.csv"] * 2


@pytest.mark.parametrize(
    ("address", "target"),
    [
        ("https://one.gov/a", "http://one.gov/a"),
        ("https://127.0.0.1/a", "http://127.0.0.1/a"),
        ("https://one.gov/a", "//evil.example/a"),
        ("https://one.gov/a", "https://one.gov.evil.example/a"),
        ("https://one.gov/a", "https://one.gov@evil.example/a"),
        ("https://one.gov/a", "file:///etc/passwd"),
    ],
)
def test_a_redirect_is_refused(address: str, target: str) -> None:
    with pytest.raises(FetchError):
        checked_redirect(address, target, ("one.gov", "127.0.0.1"))


def test_a_redirect_to_an_allowed_host() -> None:
    assert checked_redirect("https://one.gov/a/b", "https://two.gov/c", ("two.gov",)) == "https://two.gov/c"
    assert checked_redirect("https://one.gov/a/b", "c?d=1", ("one.gov",)) == "https://one.gov/a/c?d=1"


def test_retry_after_is_respected(fetcher: Fetcher) -> None:
    fetcher.put_awards(Answer(status=429, headers={"Retry-After": "1"}), GOOD)
    start = time.monotonic()
    assert fetcher.run().exit_code == 0
    assert time.monotonic() - start >= 1


@pytest.mark.parametrize(("header", "seconds"), [(None, None), ("7", 7.0), ("soon", None), ("-1", None)])
def test_retry_after_is_read(header: str | None, seconds: float | None) -> None:
    assert seconds_to_wait(header) == seconds


def test_retry_after_as_a_date() -> None:
    assert seconds_to_wait("Fri, 06 Sep 2024 00:00:00 GMT") == 0
    assert (seconds_to_wait("Fri, 06 Sep 2999 00:00:00 GMT") or 0) > 1e9


@pytest.mark.parametrize("answer", [GOOD, Answer(CSV, last_modified="Fri, 06 Sep 2024 00:00:00 GMT")])
def test_what_is_current_is_not_fetched_again(fetcher: Fetcher, answer: Answer) -> None:
    fetcher.put_awards(answer)
    fetcher.run()
    before = fetcher.awards.stat()
    done = fetcher.run()
    assert done.exit_code == 0
    assert "awards: current already" in done.output
    after = fetcher.awards.stat()
    # Reading a file may change the time of its last access.
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert fetcher.site.asked("If-None-Match") == [None, answer.etag or None]
    assert fetcher.site.asked("If-Modified-Since") == [None, answer.last_modified or None]


def test_what_changed_is_fetched_again(fetcher: Fetcher) -> None:
    fetcher.put_awards(replace(GOOD, body=OTHER_CSV, etag=OTHER_ETAG), GOOD)
    fetcher.run()
    assert fetcher.awards.read_bytes() == OTHER_CSV
    assert fetcher.run().exit_code == 0
    assert fetcher.awards.read_bytes() == CSV


def test_force_fetches_again(fetcher: Fetcher) -> None:
    fetcher.put_awards(GOOD)
    fetcher.run()
    assert "current already" not in fetcher.run("--force").output
    assert fetcher.site.asked("If-None-Match") == [None, None]


def test_a_file_that_was_edited_is_fetched_again(fetcher: Fetcher) -> None:
    fetcher.put_awards(GOOD)
    fetcher.run()
    fetcher.awards.write_bytes(CSV.replace(b"FIRM 1,", b"FIRM X,"))
    fetcher.run()
    assert fetcher.awards.read_bytes() == CSV


@pytest.mark.parametrize("record", ["", "[]", "{}", '{"address": 1}', '{"unknown": 1}'])
def test_a_record_that_cannot_be_read_is_none(fetcher: Fetcher, record: str) -> None:
    fetcher.put_old_file()
    fetcher.part.write_bytes(b"something")
    for name in ("awards.csv.json", "awards.csv.part.json"):
        (fetcher.folder / name).write_text(record, encoding="utf-8")
    fetcher.put_awards(GOOD)
    assert fetcher.run().exit_code == 0
    assert fetcher.awards.read_bytes() == CSV


def test_a_hash_that_is_right(fetcher: Fetcher) -> None:
    fetcher.put_awards(GOOD)
    digest = f"awards={hashlib.sha256(CSV).hexdigest().upper()}"
    assert fetcher.run("--sha256", digest).exit_code == 0
    assert "current already" in fetcher.run("--sha256", digest).output
    assert len(fetcher.site.requests) == 1


def test_a_hash_that_is_wrong(fetcher: Fetcher) -> None:
    fetcher.put_awards(GOOD)
    fetcher.run()
    done = fetcher.run("--sha256", f"awards={'0' * 64}")
    assert done.exit_code == 2
    assert f"SHA-256 {hashlib.sha256(CSV).hexdigest()}, not {'0' * 64}" in done.output
    assert fetcher.awards.read_bytes() == CSV
    assert fetcher.leftovers() == {"awards.csv", "awards.csv.json"}


def test_what_was_gathered_in_pieces_gets_a_second_chance(fetcher: Fetcher) -> None:
    """The server says it is the same version, but the pieces do not fit."""
    fetcher.put_awards(replace(CUT, body=OTHER_CSV), GOOD, GOOD)
    done = fetcher.run("--sha256", f"awards={hashlib.sha256(CSV).hexdigest()}")
    assert done.exit_code == 0, done.output
    assert fetcher.awards.read_bytes() == CSV
    assert len(fetcher.site.requests) == 3


def test_an_error_page_does_not_cost_what_is_held(fetcher: Fetcher) -> None:
    fetcher.put_awards(CUT, Answer(PAGE), GOOD)
    assert fetcher.run().exit_code == 2
    assert fetcher.part.stat().st_size == HALF
    assert fetcher.run().exit_code == 0
    assert fetcher.site.asked("Range")[-1] == f"bytes={HALF - 1}-"


# Archives: the source, its path, what is sent, and words of the one line; none where it is good.
ARCHIVES: dict[str, tuple[str, bytes, str]] = {
    "gzip": ("lookup", GZIP, ""),
    "gzip that is cut": ("lookup", GZIP[:-1], "an archive that is cut or damaged"),
    "gzip that is damaged": ("lookup", GZIP[:5000] + b"xx" + GZIP[5002:], "an archive that is cut or damaged"),
    "CSV for gzip": ("lookup", CSV, "something else than gzip"),
    "gzip of another CSV": ("lookup", gzip.compress(b"City\n" + os.urandom(2000)), "begins with 'City'"),
    "zip": ("archive", ZIP, ""),
    "zip that is cut": ("archive", ZIP[:-30], "an archive that is cut or damaged"),
    "zip that lost its middle": ("archive", ZIP[:99] + ZIP[999:], "an archive that is cut or damaged"),
    "zip that is damaged": ("archive", ZIP[:99] + bytes(900) + ZIP[999:], "an archive that is cut or damaged"),
    "zip with another damaged member": (
        "archive",
        zipped("a.csv", CSV, readme=b"read me").replace(b"read me", b"raed me"),
        "an archive that is cut or damaged",
    ),
    "zip without a CSV": ("archive", zipped("readme.txt", os.urandom(999)), "a zip without *.csv"),
    "zip of another CSV": ("archive", zipped("a.csv", b"City\n" + os.urandom(999)), "begins with 'City'"),
    "web page for zip": ("archive", PAGE, "a web page or XML, no zip"),
    "JSON for zip": ("archive", b'{"a": 1}' * 99, "sends JSON, no zip"),
    "CSV for zip": ("archive", CSV, "something else than zip"),
}


@pytest.mark.parametrize("name", ARCHIVES)
def test_archives(fetcher: Fetcher, name: str) -> None:
    source, body, words = ARCHIVES[name]
    url = fetcher.site.put("/FY2024_Full_20240906.zip", Answer(body))
    fetcher.site.put("/list", listing(url))
    fetcher.site.put("/lookup.csv.gz", Answer(body))
    done = fetcher.run(source, *(["--fiscal-year", "2024"] if source == "archive" else []))
    path = fetcher.folder / ("FY2024.zip" if source == "archive" else "lookup.csv.gz")
    if words:
        assert done.exit_code == 2
        assert words in done.output
        assert fetcher.leftovers() == set()
    else:
        assert done.exit_code == 0, done.output
        assert path.read_bytes() == body


def test_gzip_that_is_labelled_as_an_encoding_stays_gzip(fetcher: Fetcher) -> None:
    fetcher.site.put("/lookup.csv.gz", encoded(CSV))
    assert fetcher.run("lookup").exit_code == 0
    assert gzip.decompress((fetcher.folder / "lookup.csv.gz").read_bytes()) == CSV


def listing(*urls: str | None) -> Answer:
    files = [{"file_name": url and url.rpartition("/")[2], "url": url, "updated_date": "2024-09-06"} for url in urls]
    return Answer(json.dumps({"monthly_files": files}).encode())


def test_the_newest_listed_file_is_fetched(fetcher: Fetcher) -> None:
    names = ("/FY2024_Full_20240806.zip", "/FY2024_Full_20240906.zip", "/FY(All)_Delta_20240906.zip")
    urls = [fetcher.site.put(name, Answer(ZIP, etag=name)) for name in names]
    fetcher.site.put("/list", BUSY, listing(*urls))
    assert fetcher.run("archive", "--fiscal-year", "2024").exit_code == 0
    assert [request.path for request in fetcher.site.requests] == ["/list", "/list", names[1]]
    assert (fetcher.site.requests[0].method, fetcher.site.requests[0].body) == ("POST", b'{"fiscal_year": 2024}')
    assert "current already" in fetcher.run("archive", "--fiscal-year", "2024").output
    newer = fetcher.site.put("/FY2024_Full_20241006.zip", Answer(ZIP, etag="newer"))
    fetcher.site.put("/list", listing(newer))
    assert "current already" not in fetcher.run("archive", "--fiscal-year", "2024").output


def test_a_newer_file_is_not_added_to_an_older_one(fetcher: Fetcher) -> None:
    older = fetcher.site.put("/FY2024_Full_20240806.zip", Answer(zipped("a.csv", CSV), etag=ETAG, stop_after=2000))
    newer = fetcher.site.put("/FY2024_Full_20240906.zip", Answer(ZIP, etag=ETAG))
    fetcher.site.put("/list", listing(older), listing(newer))
    assert fetcher.run("archive", "--fiscal-year", "2024").exit_code == 0
    assert (fetcher.folder / "FY2024.zip").read_bytes() == ZIP
    assert set(fetcher.site.asked("Range")) == {None}


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (listing(), "lists no file such as FY2024_Full_[0-9]{8}\\.zip, but 0 others"),
        (listing(None), "lists no file such as"),
        (listing("https://127.0.0.1/FY2023_Full_20240906.zip"), "but 1 others. See https://example.org/archive"),
        (listing("https://evil.example/FY2024_Full_20240906.zip"), "names evil.example, which is not among the hosts"),
        (Answer(PAGE), "lists no file such as"),
        (Answer(b"[]"), "lists no file such as"),
        (Answer(b'{"detail": "no"}', status=400), "answers 400 Bad Request"),
    ],
)
def test_a_listing_that_does_not_help(fetcher: Fetcher, answer: Answer, words: str) -> None:
    fetcher.site.put("/list", answer)
    done = fetcher.run("archive", "--fiscal-year", "2024")
    assert done.exit_code == 2
    assert words in done.output


def test_one_failure_does_not_keep_the_others(fetcher: Fetcher) -> None:
    fetcher.put_awards(Answer(status=404))
    fetcher.site.put("/lookup.csv.gz", Answer(GZIP))
    done = fetcher.run("awards", "lookup")
    assert done.exit_code == 2
    assert "Error: awards:" in done.output
    assert (fetcher.folder / "lookup.csv.gz").read_bytes() == GZIP


def test_the_next_command_is_told(fetcher: Fetcher) -> None:
    fetcher.put_awards(GOOD)
    assert f"RECIPIENTS is not in {fetcher.folder} yet: export the table" in fetcher.run().output
    (fetcher.folder / "recipients.csv").write_text("x", encoding="utf-8")
    command = f"make build AWARDS={fetcher.awards} RECIPIENTS={fetcher.folder}/recipients.csv"
    assert fetcher.run().output.splitlines()[-1] == f"Next: {command}"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nothing"], "There is no source 'nothing'. Give some of awards, lookup, archive"),
        (["archive"], "archive has a file a year. Give --fiscal-year"),
        (["awards", "--fiscal-year", "2024"], "--fiscal-year is for archive"),
        (["--sha256", "lookup=00"], "--sha256 names 'lookup'"),
        (["--sha256", "awards=00"], "'00' is no SHA-256"),
    ],
)
def test_what_a_user_gets_wrong(fetcher: Fetcher, arguments: list[str], words: str) -> None:
    done = fetcher.run(*arguments)
    assert done.exit_code == 2
    assert words in done.output
    assert not fetcher.site.requests


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("[manners]", "[manners", "is no TOML"),
        ('content = "csv"', 'content = "xml"', "sources, awards: content is 'xml'. Give one of csv, gzip, zip"),
        ("smallest_bytes = 1000", 'smallest_bytes = "1000"', "smallest_bytes is '1000'. Give a whole number"),
        ("smallest_bytes = 1000\n", "", "sources, awards: 'smallest_bytes' is missing"),
        ("by_default", "default", "sources, awards: 'default' is not known"),
        ("http://127", "http://example", "is not https"),
        ('file = "awards.csv"', 'file = "../awards.csv"', "Give a name without a folder"),
        ('name = "lookup"', 'name = "awards"', "two sources have the name 'awards'"),
        ("attempts = 3", "attempts = 0", "attempts is 0"),
        ('hosts = ["127.0.0.1"]', 'hosts = "127.0.0.1"', "hosts is '127.0.0.1'. Give a list of texts"),
    ],
)
def test_a_config_that_is_wrong(fetcher: Fetcher, old: str, new: str, words: str) -> None:
    text = fetcher.config.read_text(encoding="utf-8")
    assert old in text
    fetcher.config.write_text(text.replace(old, new, 1), encoding="utf-8")
    done = fetcher.run()
    assert done.exit_code == 2
    assert words in done.output


def test_the_project_s_own_config_is_right() -> None:
    result = CliRunner().invoke(main, ["--list"])
    assert result.exit_code == 0
    assert "https://data.www.sbir.gov/mod_awarddatapublic/award_data.csv" in result.output


def test_a_config_that_is_not_there(fetcher: Fetcher) -> None:
    fetcher.config.unlink()
    done = fetcher.run()
    assert done.exit_code == 2
    assert "cannot be read: No such file or directory. Check --config" in done.output


def test_a_disk_that_has_no_room(fetcher: Fetcher, monkeypatch: pytest.MonkeyPatch) -> None:
    fetcher.put_old_file()
    fetcher.put_awards(GOOD)
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: SimpleNamespace(free=1000))
    done = fetcher.run()
    assert done.exit_code == 2
    assert f"0.3 MB are to come, but 0.0 MB are free in {fetcher.folder}" in done.output
    assert fetcher.leftovers() == {"awards.csv"}


def test_a_disk_that_fills_up(fetcher: Fetcher, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    fetcher.put_old_file()
    fetcher.put_awards(GOOD)
    with monkeypatch.context() as full:
        full.setattr(os, "fsync", fail)
        done = fetcher.run()
    assert done.exit_code == 2
    assert f"Error: awards: The disk of {fetcher.folder} is full. Free some space" in done.output
    assert fetcher.awards.read_bytes() == OLD_FILE
    assert fetcher.run().exit_code == 0
    assert fetcher.site.asked("Range")[-1] == f"bytes={len(CSV) - 1}-"


def test_a_limit_that_the_file_exceeds(fetcher: Fetcher) -> None:
    fetcher.put_old_file()
    fetcher.put_awards(GOOD)
    # In blocks of 512 bytes.
    process = fetcher.start("sh", "-c", 'ulimit -f 200 && exec "$@"', "sh")
    output = process.communicate(timeout=20)[0]
    assert process.returncode == 2, output
    assert "is larger than" in output.splitlines()[-1]
    assert fetcher.awards.read_bytes() == OLD_FILE
    assert 0 < fetcher.part.stat().st_size < len(CSV)
    assert fetcher.run().exit_code == 0
    assert fetcher.awards.read_bytes() == CSV


def test_a_folder_that_cannot_be_made(fetcher: Fetcher) -> None:
    fetcher.folder.write_text("a file", encoding="utf-8")
    done = fetcher.run()
    assert done.exit_code == 2
    assert f"Cannot make the folder {fetcher.folder}: File exists" in done.output


SLOW = replace(GOOD, pause=0.05)


@pytest.mark.parametrize(
    ("number", "exit_code"), [(signal.SIGKILL, -9), (signal.SIGTERM, 143), (signal.SIGINT, 130)], ids=str
)
def test_what_is_stopped_is_gone_on_with(fetcher: Fetcher, number: signal.Signals, exit_code: int) -> None:
    fetcher.put_old_file()
    fetcher.put_awards(SLOW)
    process = fetcher.start()
    wait_until(lambda: fetcher.part.exists() and fetcher.part.stat().st_size > 0)
    process.send_signal(number)
    output = process.communicate(timeout=20)[0]
    assert process.returncode == exit_code, output
    assert fetcher.awards.read_bytes() == OLD_FILE
    held = fetcher.part.stat().st_size
    assert 0 < held < len(CSV)
    if number != signal.SIGKILL:
        assert output.splitlines()[-1].startswith("Stopped. awards: ")
        assert f"kept in {fetcher.part}: the same command goes on from there" in output
        assert "Traceback" not in output
    fetcher.put_awards(GOOD)
    assert fetcher.run().exit_code == 0
    assert fetcher.site.asked("Range")[-1] == f"bytes={held - 1}-"
    assert fetcher.awards.read_bytes() == CSV


def test_one_at_a_time(fetcher: Fetcher) -> None:
    fetcher.put_awards(SLOW)
    process = fetcher.start()
    wait_until(fetcher.site.sending.is_set)
    done = fetcher.run()
    assert done.exit_code == 2
    assert f"{fetcher.awards} is being fetched by another process. Wait until it is done" in done.output
    output = process.communicate(timeout=20)[0]
    assert process.returncode == 0, output
    assert fetcher.awards.read_bytes() == CSV


def wait_until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


@pytest.mark.skipif(not shutil.which("openssl"), reason="openssl makes the certificate")
def test_certificates_are_verified_and_https_stays(
    fetcher: Fetcher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = tmp_path / "own.pem"
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1 -subj /CN=own"
    options = ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(tmp_path / "key.pem"), "-out", str(certificate)]
    subprocess.run([*command.split(), *options], check=True, capture_output=True)
    with certificate.open("ab") as file:
        file.write((tmp_path / "key.pem").read_bytes())
    with serving(certificate) as secure:
        secure.put("/awards.csv", GOOD)
        fetcher.config.write_text(CONFIG.format(site=secure.address), encoding="utf-8")
        done = fetcher.run()
        assert done.exit_code == 2
        assert "The certificate of 127.0.0.1 cannot be verified" in done.output
        assert not secure.requests
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
        assert fetcher.run().exit_code == 0
        secure.put("/awards.csv", Answer(status=302, headers={"Location": f"{fetcher.site.address}/awards.csv"}))
        fetcher.put_awards(GOOD)
        done = fetcher.run("--force")
        assert done.exit_code == 2
        assert "which is not https" in done.output
        assert not fetcher.site.requests


def test_a_file_that_lost_much_is_kept_aside(fetcher: Fetcher) -> None:
    """Cut at the end of a record and sent without a length, it looks whole."""
    fetcher.put_awards(GOOD)
    fetcher.run()
    half = CSV[: CSV.index(b"\n", HALF) + 1]
    fetcher.put_awards(Answer(half, chunked=True))
    done = fetcher.run()
    assert done.exit_code == 2
    assert f"sends {len(half):,} bytes, " in done.output
    assert "was kept" in done.output
    assert fetcher.awards.read_bytes() == CSV
    assert fetcher.awards.with_name("awards.csv.smaller").read_bytes() == half


def test_a_server_that_trickles_is_given_up(fetcher: Fetcher) -> None:
    config = fetcher.config.read_text(encoding="utf-8")
    fetcher.config.write_text(config.replace("fetch_seconds = 20", "fetch_seconds = 0.2"), encoding="utf-8")
    fetcher.put_awards(replace(GOOD, pause=0.1))
    done = fetcher.run()
    assert done.exit_code == 2
    assert "Not complete after 0.2 s" in done.output
    assert "awards.csv.part is gone on with" in done.output
    assert not fetcher.awards.exists()


def test_a_few_bytes_that_stand_for_many_are_decoded_in_pieces() -> None:
    packed = gzip.compress(bytes(30_000_000)) + gzip.compress(b"end")
    pieces = [len(piece) for piece in Decoder().decode([packed])]
    assert max(pieces) <= 1024 * 1024
    assert sum(pieces) == 30_000_003

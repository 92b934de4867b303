"""A server on this machine that does to downloads what real ones do: cut, stall, fail, lie and change."""

import gzip
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

LONGEST_STALL_SECONDS = 10.0


@dataclass(frozen=True)
class Answer:
    """How a request is answered.

    Attributes:
        body: of the whole file.
        status: other than 200 it is sent with the body as it is, whatever was asked for.
        etag: and last_modified, the validators.
        ranges: whether Range and If-Range are heeded; conditional requests always are.
        stop_after: bytes of the answer that are sent before it is cut or stalls.
        stalls: whether it then stalls; otherwise the connection is closed.
        pause: seconds between pieces of 16 KiB.
        length: that is declared instead of the right one.
        chunked: whether it is sent in chunks, without a length.
        headers: further ones.
    """

    body: bytes = b""
    status: int = 200
    etag: str = ""
    last_modified: str = ""
    ranges: bool = True
    stop_after: int | None = None
    stalls: bool = False
    pause: float = 0.0
    length: int | None = None
    chunked: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Request:
    """What was asked for."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


class Site:
    """The answers of each path, in turn; the last one stays. Remembers what was asked."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.requests: list[Request] = []
        self.closing = threading.Event()
        self.sending = threading.Event()
        self._answers: dict[str, list[Answer]] = {}

    def put(self, path: str, *answers: Answer) -> str:
        """Answer a path so, and return its address."""
        self._answers[path] = list(answers)
        return self.address + path

    def next_answer(self, path: str) -> Answer:
        answers = self._answers.get(path) or [Answer(b"nothing here", status=404)]
        return answers.pop(0) if len(answers) > 1 else answers[0]

    def asked(self, header: str) -> list[str | None]:
        """A header of all requests so far."""
        return [request.headers.get(header) for request in self.requests]


class Handler(BaseHTTPRequestHandler):
    """Sends the site's answers."""

    protocol_version = "HTTP/1.1"
    site: Site

    def do_GET(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        self.site.requests.append(Request(self.command, self.path, dict(self.headers), self.rfile.read(length)))
        try:
            self._send(self.site.next_answer(self.path))
        except OSError:
            self.close_connection = True

    do_POST = do_GET  # noqa: N815

    def log_message(self, format: str, *args: object) -> None:
        pass

    def _send(self, answer: Answer) -> None:
        status, body = answer.status, answer.body
        headers = dict(answer.headers)
        if answer.etag:
            headers["ETag"] = answer.etag
        if answer.last_modified:
            headers["Last-Modified"] = answer.last_modified
        if status == 200:
            status, body = self._as_asked(answer, headers)
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if answer.chunked:
            self.send_header("Transfer-Encoding", "chunked")
        elif status != 304:
            self.send_header("Content-Length", str(len(body) if answer.length is None else answer.length))
        self.send_header("Connection", "close")
        self.end_headers()
        self._send_body(body if answer.stop_after is None else body[: answer.stop_after], answer)
        if answer.stop_after is not None and answer.stalls:
            self.site.closing.wait(LONGEST_STALL_SECONDS)
        elif answer.chunked and answer.stop_after is None:
            self.wfile.write(b"0\r\n\r\n")
        self.close_connection = True

    def _as_asked(self, answer: Answer, headers: dict[str, str]) -> tuple[int, bytes]:
        if answer.etag and self.headers.get("If-None-Match") == answer.etag:
            return 304, b""
        if not answer.etag and answer.last_modified and self.headers.get("If-Modified-Since") == answer.last_modified:
            return 304, b""
        asked = self.headers.get("Range")
        if not asked or not answer.ranges or self.headers.get("If-Range") not in (answer.etag, answer.last_modified):
            return 200, answer.body
        start = int(asked.removeprefix("bytes=").removesuffix("-"))
        if start >= len(answer.body):
            headers["Content-Range"] = f"bytes */{len(answer.body)}"
            return 416, b""
        headers["Content-Range"] = f"bytes {start}-{len(answer.body) - 1}/{len(answer.body)}"
        return 206, answer.body[start:]

    def _send_body(self, body: bytes, answer: Answer) -> None:
        piece_bytes = 16 * 1024
        for start in range(0, len(body), piece_bytes):
            piece = body[start : start + piece_bytes]
            self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece) if answer.chunked else piece)
            self.site.sending.set()
            if answer.pause and self.site.closing.wait(answer.pause):
                return


@contextmanager
def serving(certificate: Path | None = None) -> Iterator[Site]:
    """Run a server while the block runs.

    Args:
        certificate: PEM file with key and certificate, for https.
    """

    class OwnHandler(Handler):
        pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), OwnHandler)
    server.daemon_threads = True
    server.block_on_close = False
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    site = Site(f"{'https' if certificate else 'http'}://127.0.0.1:{server.server_port}")
    OwnHandler.site = site
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield site
    finally:
        site.closing.set()
        server.shutdown()
        server.server_close()


def encoded(body: bytes, **headers: str) -> Answer:
    """An answer whose body is gzip-encoded on the way."""
    return Answer(gzip.compress(body), headers={"Content-Encoding": "gzip", **headers})

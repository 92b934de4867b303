"""Ask a server for a file: redirects only where they are allowed, failures sorted into passing and lasting."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from http.client import HTTPException
from urllib.parse import urljoin, urlsplit

import requests
import urllib3

from database.warehouse import WarehouseError, first_line
from fetching.config import OWN_MACHINE, Manners

CHUNK_BYTES = 1024 * 1024
REDIRECTS = (301, 302, 303, 307, 308)
MOST_REDIRECTS = 5
# Answers that the caller understands; all others are failures.
UNDERSTOOD = (HTTPStatus.OK, HTTPStatus.PARTIAL_CONTENT, HTTPStatus.NOT_MODIFIED)


class FetchError(WarehouseError):
    """A file cannot be fetched, and trying again would not help."""


class PassingError(FetchError):
    """A file cannot be fetched now, but perhaps in a moment.

    Attributes:
        retry_after: seconds that the server asks to wait, where it does.
    """

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


@dataclass(frozen=True)
class Client:
    """Asks servers with the project's manners. Certificates are always verified."""

    manners: Manners
    session: requests.Session

    @contextmanager
    def ask(
        self,
        address: str,
        hosts: tuple[str, ...],
        headers: Mapping[str, str] | None = None,
        *,
        method: str = "GET",
        body: str = "",
    ) -> Iterator[requests.Response]:
        """Ask for an address and follow its redirects; the body is left to be read.

        Args:
            address: what to ask for.
            hosts: that a redirect may lead to.
            headers: to send beside the project's own.
            method: GET or POST.
            body: JSON to send.

        Yields:
            An answer with status 200, 206 or 304, or 416 where a range was asked for.

        Raises:
            PassingError: if the server is out of reach, stalls, is overloaded or fails.
            FetchError: if it refuses, or leads where it may not.
        """
        sent = {"User-Agent": self.manners.user_agent, "Accept-Encoding": "identity", **(headers or {})}
        if body:
            sent["Content-Type"] = "application/json"
        for _ in range(MOST_REDIRECTS + 1):
            response = self._ask_once(address, sent, method, body)
            with response:
                target = response.headers.get("Location")
                if response.status_code not in REDIRECTS or not target:
                    self._check_status(response, address, asked_for_range="Range" in sent)
                    yield response
                    return
            address = checked_redirect(address, target, hosts)
        raise FetchError(f"{address}: more than {MOST_REDIRECTS} redirects. Check the address in the config")

    def _ask_once(self, address: str, headers: Mapping[str, str], method: str, body: str) -> requests.Response:
        timeouts = (self.manners.connect_timeout_seconds, self.manners.read_timeout_seconds)
        host = urlsplit(address).hostname
        try:
            return self.session.request(
                method,
                address,
                headers=headers,
                data=body.encode() or None,
                timeout=timeouts,
                allow_redirects=False,
                stream=True,
                verify=True,
            )
        except requests.exceptions.SSLError as error:
            raise FetchError(
                f"The certificate of {host} cannot be verified ({reason(error)}). Check the clock and the "
                "network; a proxy's own certificate goes into REQUESTS_CA_BUNDLE"
            ) from error
        except requests.exceptions.Timeout as error:
            raise PassingError(f"{host} does not answer in time") from error
        except requests.exceptions.ProxyError as error:
            raise PassingError(f"The proxy to {host} cannot be used ({reason(error)}). Check HTTPS_PROXY") from error
        except requests.exceptions.ConnectionError as error:
            raise PassingError(f"{host} cannot be reached ({reason(error)}). Check the network") from error
        except requests.exceptions.RequestException as error:
            raise FetchError(f"{address} cannot be asked for: {first_line(error)}. Check the config") from error

    def _check_status(self, response: requests.Response, address: str, *, asked_for_range: bool) -> None:
        status = response.status_code
        if status in UNDERSTOOD or (asked_for_range and status == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE):
            return
        answer = f"{address} answers {status} {response.reason or ''}".rstrip()
        if status == HTTPStatus.TOO_MANY_REQUESTS or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            wait = seconds_to_wait(response.headers.get("Retry-After"))
            if wait is not None and wait > self.manners.longest_retry_after_seconds:
                raise FetchError(f"{answer} and asks to wait {wait:,.0f} s. Try again then")
            raise PassingError(answer, wait)
        raise FetchError(f"{answer}. See whether the file has moved, and correct its address in the config")


def checked_redirect(address: str, target: str, hosts: tuple[str, ...]) -> str:
    """Where a redirect leads, if it may.

    Args:
        address: that was asked for.
        target: of the redirect, perhaps relative.
        hosts: that it may lead to.

    Raises:
        FetchError: if it leads to another host, or from https to anything else.
    """
    resolved = urljoin(address, target)
    return checked_address(resolved, hosts, f"{address} redirects to", was_https=address.startswith("https:"))


def checked_address(address: str, hosts: tuple[str, ...], who: str, *, was_https: bool = True) -> str:
    """An address that a server named, if it may be asked for.

    Args:
        address: the one named.
        hosts: that may be asked.
        who: named it, for an error.
        was_https: whether only https will do, even on one's own machine.

    Raises:
        FetchError: if it may not.
    """
    parts = urlsplit(address)
    if parts.hostname not in hosts:
        raise FetchError(
            f"{who} {parts.hostname}, which is not among the hosts of the config. Allow it there if it is right"
        )
    if parts.scheme != "https" and (was_https or parts.scheme != "http" or parts.hostname not in OWN_MACHINE):
        raise FetchError(f"{who} {address}, which is not https. Check the address in the config")
    return address


def seconds_to_wait(header: str | None) -> float | None:
    """How long a Retry-After header asks to wait; None where it says nothing that is understood."""
    if not header:
        return None
    if header.strip().isdecimal():
        return float(header)
    try:
        until = parsedate_to_datetime(header)
    except ValueError:
        return None
    if until.tzinfo is None:
        until = until.replace(tzinfo=UTC)
    return max(0.0, (until - datetime.now(UTC)).total_seconds())


def received(response: requests.Response) -> Iterator[bytes]:
    """The bytes of an answer as they come, not decoded.

    Raises:
        PassingError: if the connection is cut or stalls.
    """
    host = urlsplit(response.url).hostname
    while True:
        try:
            # read1 hands over what is there; read would lose it where the rest never comes.
            chunk = response.raw.read1(CHUNK_BYTES, decode_content=False)
        except urllib3.exceptions.ReadTimeoutError as error:
            raise PassingError(f"{host} stalls") from error
        except (urllib3.exceptions.HTTPError, HTTPException, OSError) as error:
            raise PassingError(f"{host} cut the connection") from error
        if not chunk:
            return
        yield chunk


def reason(error: BaseException) -> str:
    """What lies at the bottom of a chain of errors, in a few words."""
    seen: list[BaseException] = []
    current: BaseException | None = error
    while current is not None and current not in seen:
        seen.append(current)
        inner = getattr(current, "reason", None)
        causes = [inner, *current.args, current.__cause__, current.__context__]
        current = next((cause for cause in causes if isinstance(cause, BaseException)), None)
    bottom = seen[-1]
    return getattr(bottom, "strerror", None) or getattr(bottom, "verify_message", None) or first_line(bottom)

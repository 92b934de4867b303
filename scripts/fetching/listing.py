"""Ask a documented API for the current address of a file."""

import json
import re
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from fetching.config import YEAR, Source
from fetching.http_answers import Client, FetchError, checked_address, received

MOST_BYTES = 10_000_000


def current_address(client: Client, source: Source, fiscal_year: int | None) -> str:
    """Where a source's file is now.

    Args:
        client: asks the API, where the config does not say the address itself.
        source: whose file is wanted.
        fiscal_year: where there is one a year.

    Raises:
        FetchError: if the API does not list the file, or not at a host that the config allows.
    """
    year = str(fiscal_year)
    listing = source.listing
    if listing is None:
        return source.address.replace(YEAR, year)
    answer = b""
    with client.ask(
        listing.address, listing.hosts, method=listing.method, body=listing.body.replace(YEAR, year)
    ) as response:
        for chunk in received(response):
            answer += chunk
            if len(answer) > MOST_BYTES:
                raise FetchError(f"{listing.address} sends too much for a list. Check its address in the config")
    pattern = listing.file_name.replace(YEAR, year)
    files = listed_files(answer, listing.key)
    found = sorted((name, url) for name, url in files if re.fullmatch(pattern, name))
    if not found:
        raise FetchError(
            f"{listing.address} lists no file such as {pattern}, but {len(files)} others. "
            f"See {source.documented_at} for what is published"
        )
    # The names end in the date of publication.
    name, url = found[-1]
    address = checked_address(
        url, source.hosts, f"{listing.address} names", was_https=listing.address.startswith("https:")
    )
    if PurePosixPath(urlsplit(address).path).name != name:
        raise FetchError(f"{listing.address} names {address} for {name}. Check its address in the config")
    return address


def listed_files(answer: bytes, key: str) -> list[tuple[str, str]]:
    """The names and addresses in an API's answer; what is not as documented is left out."""
    try:
        files = json.loads(answer)[key]
    except (ValueError, TypeError, KeyError):
        return []
    return [
        (file["file_name"], file["url"])
        for file in (files if isinstance(files, list) else [files])
        if isinstance(file, dict) and isinstance(file.get("file_name"), str) and isinstance(file.get("url"), str)
    ]

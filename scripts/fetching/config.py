"""What is to be fetched and how: `sources.toml`, read and checked."""

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import UnionType
from typing import Any, TypeVar, get_args, get_type_hints
from urllib.parse import urlsplit

from database.warehouse import WarehouseError

SOURCES_FILE = Path(__file__).with_name("sources.toml")
CONTENTS = ("csv", "gzip", "zip")
YEAR = "{fiscal_year}"
# Plain http is for trying things out on one's own machine.
OWN_MACHINE = ("127.0.0.1", "localhost", "::1")
Table = TypeVar("Table")


@dataclass(frozen=True)
class Manners:
    """How servers are asked, and how patiently."""

    user_agent: str
    connect_timeout_seconds: float
    read_timeout_seconds: float
    attempts: int
    first_wait_seconds: float
    longest_wait_seconds: float
    longest_retry_after_seconds: float
    longest_fetch_seconds: float


@dataclass(frozen=True)
class Listing:
    """Where to ask for the current address of a source.

    Attributes:
        address: of the API.
        hosts: that may answer.
        method: GET or POST.
        key: where the files stand in its answer, each with `file_name` and `url`.
        file_name: pattern of the wanted file's name; of several the last by name is taken.
        body: JSON to send.
    """

    address: str
    hosts: tuple[str, ...]
    method: str
    key: str
    file_name: str
    body: str = ""


@dataclass(frozen=True)
class Source:
    """A published file, or one a fiscal year.

    Attributes:
        name: what users call it.
        what: what it is, in a line.
        documented_at: address of the page that documents it.
        hosts: that a redirect or a listed address may lead to.
        file: its name in the folder.
        content: csv, gzip (a compressed CSV) or zip.
        smallest_bytes: what is smaller is no good.
        about_size: what to expect, in words.
        address: where it is, unless a listing tells.
        listing: where to ask for the address.
        member: pattern that a member of the zip must fit; where it is a CSV its header is checked.
        header_begins: first columns of the CSV.
        header_has: columns that the CSV has, wherever.
        sha256: of the whole file, where it is published.
        by_default: whether it is fetched when no source is named.
    """

    name: str
    what: str
    documented_at: str
    hosts: tuple[str, ...]
    file: str
    content: str
    smallest_bytes: int
    about_size: str
    address: str = ""
    listing: Listing | None = None
    member: str = ""
    header_begins: tuple[str, ...] = ()
    header_has: tuple[str, ...] = ()
    sha256: str = ""
    by_default: bool = False

    @property
    def is_by_year(self) -> bool:
        """Whether there is one file a fiscal year."""
        return YEAR in self.file


@dataclass(frozen=True)
class Input:
    """A variable of `make build`, and the files that it may name."""

    variable: str
    files: tuple[str, ...]
    required: bool
    how: str


@dataclass(frozen=True)
class Config:
    """All of a config file."""

    manners: Manners
    sources: tuple[Source, ...]
    inputs: tuple[Input, ...]


def read_config(path: Path) -> Config:
    """Read and check a config file.

    Args:
        path: a TOML file such as `sources.toml`.

    Raises:
        WarehouseError: if it cannot be read or does not say what it must.
    """
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise WarehouseError(f"{path} cannot be read: {error.strerror}. Check --config") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise WarehouseError(f"{path} is no TOML: {error}. Correct it") from error
    sources = [read_source(table, f"{path}, sources") for table in tables.get("sources", [])]
    if not sources:
        raise WarehouseError(f"{path} has no [[sources]]. Add one")
    for what in ("name", "file"):
        values = [getattr(source, what) for source in sources]
        if twice := sorted({value for value in values if values.count(value) > 1}):
            raise WarehouseError(f"{path}: two sources have the {what} {twice[0]!r}. Rename one")
    manners = read_table(Manners, tables.get("manners", {}), f"{path}, manners")
    if manners.attempts < 1:
        raise WarehouseError(f"{path}, manners: attempts is {manners.attempts}. Give 1 or more")
    inputs = [read_table(Input, table, f"{path}, inputs") for table in tables.get("inputs", [])]
    return Config(manners, tuple(sources), tuple(inputs))


def read_source(table: Mapping[str, Any], where: str) -> Source:
    """Read and check one source.

    Args:
        table: as it stands in the config.
        where: that is, for an error.

    Raises:
        WarehouseError: if something in it is missing, unknown or wrong.
    """
    where = f"{where}, {table.get('name', 'without a name')}"
    values = dict(table)
    if "listing" in values:
        listing = read_table(Listing, values["listing"], f"{where}, listing")
        check_address(listing.address, f"{where}, listing")
        values["listing"] = listing
    source = read_table(Source, values, where)
    if source.content not in CONTENTS:
        raise WarehouseError(f"{where}: content is {source.content!r}. Give one of {', '.join(CONTENTS)}")
    if bool(source.address) == bool(source.listing):
        raise WarehouseError(f"{where}: give either an address or a listing")
    if source.address:
        check_address(source.address, where)
    if not source.file or Path(source.file).name != source.file:
        raise WarehouseError(f"{where}: file is {source.file!r}. Give a name without a folder")
    if source.sha256:
        check_digest(source.sha256, where)
    return source


def check_address(address: str, where: str) -> None:
    """Refuse an address that is not https; http is for one's own machine."""
    parts = urlsplit(address)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in OWN_MACHINE):
        raise WarehouseError(f"{where}: the address {address!r} is not https. Give one that is")


def check_digest(digest: str, where: str) -> None:
    """Refuse what is no SHA-256."""
    if not re.fullmatch("[0-9a-fA-F]{64}", digest):
        raise WarehouseError(f"{where}: {digest!r} is no SHA-256. Give its 64 hexadecimal digits")


def read_table(kind: type[Table], table: Mapping[str, Any], where: str) -> Table:
    """A table of the config as an object of a class, every key and type checked.

    Args:
        kind: the class.
        table: as it stands in the config.
        where: that is, for an error.

    Raises:
        WarehouseError: if a key is missing, unknown or of the wrong type.
    """
    hints = get_type_hints(kind)
    if unknown := sorted(set(table) - set(hints)):
        raise WarehouseError(f"{where}: {unknown[0]!r} is not known. Known are {', '.join(hints)}")
    values = {key: tuple(value) if isinstance(value, list) else value for key, value in table.items()}
    for key, value in values.items():
        if not is_of_type(value, hints[key]):
            raise WarehouseError(f"{where}: {key} is {table[key]!r}. Give {type_in_words(hints[key])}")
    # A class has its attributes' defaults, and only those, as attributes of its own.
    if missing := [key for key in hints if key not in values and not hasattr(kind, key)]:
        raise WarehouseError(f"{where}: {missing[0]!r} is missing. Add it")
    make: Callable[..., Table] = kind
    return make(**values)


def is_of_type(value: object, hint: object) -> bool:
    """Whether a value of the config fits an attribute's type."""
    if isinstance(hint, UnionType):
        return any(is_of_type(value, part) for part in get_args(hint))
    if get_args(hint):
        return isinstance(value, tuple) and all(isinstance(item, str) for item in value)
    if hint is float:
        return isinstance(value, int | float) and not isinstance(value, bool) and value >= 0
    if hint is int:
        return isinstance(value, int) and not isinstance(value, bool) and value >= 0
    return isinstance(hint, type) and isinstance(value, hint)


def type_in_words(hint: object) -> str:
    """An attribute's type, for a user."""
    words: dict[object, str] = {
        str: "a text",
        bool: "true or false",
        int: "a whole number, 0 or more",
        float: "a number, 0 or more",
    }
    return words.get(hint, "a list of texts")

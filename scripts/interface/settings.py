"""Every setting that users give as an environment variable: its default, and what is a valid value."""

import os
import re
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import click

from interface.closest_name import closest_name
from interface.terminal_text import visible

PREFIX = "SBIR_"


class SettingError(click.ClickException):
    """A setting that is unknown or has no valid value; exit code 2."""

    exit_code = 2

    def format_message(self) -> str:
        """The line, with whatever the environment holds made harmless."""
        return visible(self.message)


class Setting(NamedTuple):
    """A setting.

    Attributes:
        meaning: what a valid value is, with an example.
        is_valid: whether a value is one.
        default: its value where it is unset or empty.
    """

    meaning: str = "text"
    is_valid: Callable[[str], object] = bool
    default: str = ""


def _is_folder(text: str) -> bool:
    # DuckDB takes md:x, s3://x and the like for a database of an extension; :memory: is lost with the process.
    is_extension = any(":" in part for part in Path(text).parts[:1])
    return bool(text.strip()) and not is_extension and not text.startswith("~")


def _is_command(text: str) -> bool:
    try:
        return bool(shlex.split(text))
    except ValueError:
        return False


def _count_of(things: str, default: str, example: str, most_digits: int = 4) -> Setting:
    pattern = re.compile(f"[1-9][0-9]{{0,{most_digits - 1}}}")
    return Setting(f"a number of {things}: give one such as {example}", pattern.fullmatch, default)


# What is left out is decided where it is used: fractions in macros/thresholds.sql, threads by DuckDB.
FRACTION = Setting(
    "a fraction between 0 and 1: give one such as 0.70", re.compile("[01](?:[.]0*)?|0?[.][0-9]+").fullmatch
)
SETTINGS = {
    "SBIR_WAREHOUSE_DIR": Setting("a local folder: give a path such as /data/warehouse", _is_folder, "warehouse"),
    "SBIR_MEMORY_LIMIT": Setting(
        "a size of memory: give one such as 2GB or 1500MB",
        re.compile(r"\s*(?=[0-9.]*[1-9])[0-9]+(?:[.][0-9]+)?\s*[MGT]i?B\s*", re.IGNORECASE).fullmatch,
        "2GB",
    ),
    "SBIR_THREADS": _count_of("threads", "", "2"),
    "SBIR_KEEP_VERSIONS": _count_of("versions", "3", "3"),
    "SBIR_KEEP_RUNS": _count_of("runs", "365", "365", most_digits=6),
    "SBIR_MIN_MATCH_RATE": FRACTION,
    "SBIR_MIN_PRECISION": FRACTION,
    "SBIR_MIN_SLICE_MATCH_RATE": FRACTION,
    "SBIR_MAX_MATCH_RATE_DROP": FRACTION,
    "SBIR_MAX_RECORD_DROP": FRACTION,
    "SBIR_MAX_IDENTIFIER_DROP": FRACTION,
    "SBIR_ACCEPT_CHANGE": Setting(),
    "SBIR_ALERT_COMMAND": Setting("a command that a shell can read: check its quotes", _is_command),
    "SBIR_REAL_DATA": Setting(),
    "SBIR_BUILDER": Setting(),
    "SBIR_RUN_ID": Setting(),
}


def setting(name: str) -> str:
    """The value of a setting; its default where it is unset or empty.

    Args:
        name: of the environment variable.

    Raises:
        SettingError: if the value is not valid.
    """
    known = SETTINGS[name]
    text = os.environ.get(name)
    if text and not known.is_valid(text):
        raise SettingError(f"{name}={text!r} is not {known.meaning}")
    return text or known.default


def check_settings() -> None:
    """Check all settings of the environment, before anything is done by them.

    Raises:
        SettingError: if one is unknown, or its value is not valid.
    """
    for name in sorted(os.environ):
        if name.upper().startswith(PREFIX) and name not in SETTINGS:
            raise SettingError(
                f"{name} is not a setting; the closest is {closest_name(name, list(SETTINGS))}. "
                "docs/operations.md lists them all"
            )
    for name in SETTINGS:
        setting(name)

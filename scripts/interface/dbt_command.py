"""dbt as scripts run it: where it is, and what of its words says why it failed."""

import re
import sys
from pathlib import Path

DBT = str(Path(sys.executable).with_name("dbt"))
# Such as: Runtime Error in model int_firms (models/intermediate/entities/int_firms.sql)
NODE_HEADING = re.compile(r"\w+ Error in \w+ ")
HEADING = re.compile(r"\w+ Error\b")
# dbt puts one error within another, such as Database Error, below it Runtime Error, below it the words.
BARE_HEADING = re.compile(r"\w+ Error")
TIME = re.compile(r"^\d\d:\d\d:\d\d\s+")


def reason(message: str) -> str:
    """The line of dbt's message on a failed node that says why: the one below its heading, where it has one."""
    lines = [line.strip() for line in message.strip().splitlines()]
    lines = [line for line in lines if not BARE_HEADING.fullmatch(line)] or lines
    if len(lines) > 1 and NODE_HEADING.match(lines[0]):
        return lines[1]
    return lines[0] if lines else ""


def first_error(output: str) -> str:
    """The first error that dbt printed: its heading, which names the node, and the line below, which says why."""
    lines = [line for line in (TIME.sub("", line).strip() for line in output.splitlines()) if line]
    for number, line in enumerate(lines):
        if HEADING.match(line):
            why = next((below for below in lines[number + 1 :] if not BARE_HEADING.fullmatch(below)), "")
            return f"{line}: {why}"
    return lines[-1] if lines else "dbt said nothing"

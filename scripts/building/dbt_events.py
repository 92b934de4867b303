"""dbt's structured log: what an event says of the build, and which of its lines are for people."""

import json
import re
from dataclasses import dataclass
from typing import Any

# What dbt says whether or not anything is worth a line; at level warn and error these are told all the same.
ROUTINE = frozenset(
    {
        "AdapterRegistered",
        "ConcurrencyLine",
        "EndOfRunSummary",
        "FinishedRunningStats",
        "Formatting",
        "FoundStats",
        "LogHookEndLine",
        "LogHookStartLine",
        "LogModelResult",
        "LogSeedResult",
        "LogStartLine",
        "LogTestResult",
        "MainReportVersion",
        "SkippingDetails",
        "StatsLine",
    }
)
ENDED = frozenset({"success", "pass", "warn", "fail", "error", "skipped", "partial success"})
TRACEBACK = "Traceback (most recent call last):"
TRACEBACK_JOINTS = ("During handling of the above exception", "The above exception was the direct cause")


@dataclass(frozen=True)
class DbtEvent:
    """An event of dbt.

    Attributes:
        name: its kind, as dbt calls it.
        level: debug, info, warn or error.
        message: its text for people, of one or more lines.
        node: what it is about, as dbt identifies it; empty where it is about no model, seed or test.
        node_name: its name.
        status: how the node ended, or kept; empty while it has not.
        rows: how many the node wrote, where dbt says so.
        nodes: how many dbt is to build and test, where the event says so.
    """

    name: str
    level: str
    message: str
    node: str = ""
    node_name: str = ""
    status: str = ""
    rows: int = 0
    nodes: int | None = None

    @property
    def is_routine(self) -> bool:
        """Whether nobody needs to read it."""
        return self.level in ("debug", "info") and (self.name in ROUTINE or not self.message.strip())


def read_event(line: str) -> DbtEvent | None:
    """Read a line of dbt's structured log.

    Args:
        line: as dbt printed it.

    Returns:
        The event; None where the line is none.
    """
    try:
        event = json.loads(line)
        info, data = event["info"], event["data"]
        node = data.get("node_info") or {}
        is_node = bool(node) and node["resource_type"] != "operation"
        return DbtEvent(
            name=str(info["name"]),
            level=str(info["level"]),
            message=str(info["msg"]),
            node=str(node["unique_id"]) if is_node else "",
            node_name=str(node["node_name"]) if is_node else "",
            status=_status(data, node) if is_node else "",
            rows=_rows(data) if is_node else 0,
            nodes=int(data["node_count"]) if "node_count" in data else None,
        )
    except (AttributeError, KeyError, TypeError, ValueError):
        return None


def _status(data: dict[str, Any], node: dict[str, Any]) -> str:
    if data.get("status") == "KEPT":
        return "kept"
    return str(node["node_status"]) if node["node_status"] in ENDED else ""


def _rows(data: dict[str, Any]) -> int:
    """The rows of a table or seed: dbt tells them as OK 46 rows or INSERT 46."""
    told = re.fullmatch(r"(?:OK|INSERT) (\d+)(?: rows)?", str(data.get("result_message") or data.get("status")))
    return int(told[1]) if told else 0


class TracebackFilter:
    """Tells the lines of a traceback, and of what joins two, from the lines for people."""

    def __init__(self) -> None:
        self._is_inside = False

    def keeps(self, line: str) -> bool:
        """Whether a line is for people; to be asked line by line."""
        # A traceback is indented, up to the line that names the error, which dbt tells apart.
        if line.rstrip().endswith(TRACEBACK):
            self._is_inside = True
            return False
        if self._is_inside:
            self._is_inside = line.startswith(" ") or not line.strip()
            return False
        return not line.startswith(TRACEBACK_JOINTS)

"""Tells of alerts: in the terminal, in reports/alerts, and to the command that SBIR_ALERT_COMMAND names."""

import json
import os
import re
import shlex
import subprocess
from pathlib import Path
from typing import Any

import click

from interface.terminal_text import visible
from recording.run_history import Run

ALERT_COMMAND = "SBIR_ALERT_COMMAND"
FOLDER = Path(__file__).parents[2] / "reports" / "alerts"
COMMAND_SECONDS = 60


def deliver(run: Run, alerts: list[dict[str, Any]]) -> None:
    """Tell of the alerts of a run; nothing where there are none.

    Args:
        run: the run.
        alerts: rows of `observability.alerts`.

    Raises:
        OSError: if the file cannot be written.
    """
    if not alerts:
        return
    for alert in alerts:
        click.secho(
            visible(f"Alert ({alert['severity']}): {alert['rule']}. {alert['message']}"),
            fg="red" if alert["severity"] == "critical" else "yellow",
            err=True,
            color=False if os.environ.get("NO_COLOR") else None,
        )
    text = json.dumps({"run": run["runs"][0], "alerts": alerts}, indent=2)
    FOLDER.mkdir(parents=True, exist_ok=True)
    stamp = re.sub(r"\D", "", alerts[0]["raised_at"])
    file = FOLDER / f"{stamp[:8]}T{stamp[8:14]}.{stamp[14:]}Z.json"
    file.write_text(text, encoding="utf-8")
    click.echo(f"Alerts of this run: {file}", err=True)
    if command := os.environ.get(ALERT_COMMAND):
        _hand_over(command, text)


def _hand_over(command: str, text: str) -> None:
    """Give the alerts to the user's command; what goes wrong there is told, and changes nothing."""
    try:
        done = subprocess.run(  # noqa: S603
            shlex.split(command), input=text, text=True, timeout=COMMAND_SECONDS, check=False
        )
        trouble = f"exit code {done.returncode}" if done.returncode else None
    except (OSError, ValueError, subprocess.TimeoutExpired) as error:
        trouble = str(error)
    if trouble:
        click.echo(visible(f"Warning: {ALERT_COMMAND} ({command}) did not take the alerts: {trouble}"), err=True)

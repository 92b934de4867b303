"""What a run calls for a look at: the rules of seeds/alert_rules.csv, judged on what the run measured."""

import csv
import json
import operator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from database.warehouse import WarehouseError
from recording.run_history import Run, timestamp

RULES_FILE = Path(__file__).parents[2] / "seeds" / "alert_rules.csv"
MEASURES = Path(__file__).with_name("alert_measures.sql")
COMPARISONS = {"below": operator.lt, "above": operator.gt}
# From mild to grave.
SEVERITIES = ("warning", "critical")
UNITS = {
    "percent": "{:.2%}",
    "seconds": "{:.4f} s",
    "times": "{:.2f} times",
    "days": "{:.0f} days",
    "points": "{:.2f} points",
}
FAILURE = "failure"


@dataclass(frozen=True)
class Rule:
    """A row of the rules: what is raised where a measure is below or above the threshold."""

    rule: str
    measure: str
    comparison: str
    threshold: float
    severity: str
    min_counted: int
    unit: str
    description: str
    remedy: str


@dataclass(frozen=True)
class Measured:
    """What a run measured: a value, of how many records, links or runs."""

    measure: str
    subject: str
    value: float
    counted: int


def read_rules(file: Path = RULES_FILE) -> list[Rule]:
    """Read the rules.

    Args:
        file: the seed.

    Raises:
        WarehouseError: naming the line that is no rule, and what is wrong with it.
    """
    rules = []
    with file.open(encoding="utf-8", newline="") as lines:
        reader = csv.DictReader(lines)
        for row in reader:
            try:
                threshold, min_counted = float(row.pop("threshold")), int(row.pop("min_counted"))
                rule = Rule(**row, threshold=threshold, min_counted=min_counted)
                COMPARISONS[rule.comparison], UNITS[rule.unit], SEVERITIES.index(rule.severity)
            except (KeyError, TypeError, ValueError) as error:
                raise WarehouseError(
                    f"{file.name}, line {reader.line_num}: no rule ({error}). comparison is below or above, severity "
                    f"{' or '.join(SEVERITIES)}, unit one of {', '.join(UNITS)}; threshold and min_counted are numbers"
                ) from error
            rules.append(rule)
    return rules


def raise_alerts(connection: duckdb.DuckDBPyConnection, run: Run) -> list[dict[str, Any]]:
    """Judge a run by the rules, on the tables of its history.

    Args:
        connection: open on the working file, whose history has the run.
        run: the run, with the loads it noted.

    Returns:
        Rows of `observability.alerts`, the gravest first: one for each measure, by its gravest rule and worst subject.

    Raises:
        WarehouseError: if the rules cannot be read.
    """
    run_id = run["runs"][0]["run_id"]
    measured = [
        Measured(measure, subject, value, counted)
        for measure, subject, value, counted in connection.execute(
            MEASURES.read_text(encoding="utf-8"),
            {"run_id": run_id} | {name: json.dumps(run.get(name, [])) for name in ("loads", "values", "inputs")},
        ).fetchall()
        if value is not None
    ]
    raised = [alert for measure in {one.measure for one in measured} if (alert := _worst(measure, measured))]
    if any(alert["measure"] != FAILURE and alert["severity"] == SEVERITIES[-1] for alert in raised):
        # Why it failed is said already.
        raised = [alert for alert in raised if alert["measure"] != FAILURE]
    raised_at = timestamp(datetime.now(UTC))
    raised.sort(key=lambda alert: (-SEVERITIES.index(alert["severity"]), alert["rule"]))
    return [{"run_id": run_id, "raised_at": raised_at, **alert} for alert in raised]


def _worst(measure: str, measured: list[Measured]) -> dict[str, Any] | None:
    rules = [rule for rule in read_rules() if rule.measure == measure]
    for rule in sorted(rules, key=lambda rule: -SEVERITIES.index(rule.severity)):
        is_beyond = COMPARISONS[rule.comparison]
        found = [
            one
            for one in measured
            if one.measure == measure and one.counted >= rule.min_counted and is_beyond(one.value, rule.threshold)
        ]
        if found:
            worst = min(found, key=lambda one: (one.value if rule.comparison == "below" else -one.value, one.subject))
            return {
                "rule": rule.rule,
                "severity": rule.severity,
                "subject": worst.subject,
                "measure": measure,
                "value": worst.value,
                "threshold": rule.threshold,
                "message": _message(rule, worst, len(found) - 1),
            }
    return None


def _message(rule: Rule, worst: Measured, others: int) -> str:
    form = UNITS[rule.unit].format
    also = f", and {others} more" if others else ""
    subject = f"{worst.subject}{also}"
    if rule.measure == FAILURE:
        return f"{rule.description}: {subject}. {rule.remedy}"
    limit = f"{'at least' if rule.comparison == 'below' else 'at most'} {form(rule.threshold)}"
    return f"{rule.description}: {form(worst.value)} ({subject}), expected {limit}. {rule.remedy}"

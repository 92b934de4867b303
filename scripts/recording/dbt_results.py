"""Records what a dbt command did, from the results it leaves behind and the tables it made."""

import json
import os
from datetime import datetime
from pathlib import Path
from statistics import mean
from typing import Any

import duckdb

from database.warehouse import connect, working_path
from recording.alert_delivery import deliver
from recording.memory import MemoryWatch
from recording.recorder import RUN_ID, begin_run, current_run, end_run
from recording.run_history import Run, timestamp

RECORDED_COMMANDS = ("build", "run", "test", "seed")
BROKEN = ("error", "runtime error", "partial success")
# What a run notes of tables, and the node that makes each.
JUDGED = {
    "gates": ("gate_results", "select gate, verdict, value, threshold, counted, counted_of, message from {table}"),
    "match_breakdowns": ("rpt_match_breakdown", "from {table}"),
    "values": ("unusable_values", "from {table}"),
    "inputs": ("input_measures", "from {table}"),
}


def record_dbt_command(command: str, invocation_id: str, target_folder: Path, memory: MemoryWatch) -> None:
    """Record a dbt command that is at its end, as a run of its own or as the stage of one.

    Args:
        command: build, run, test, seed; others are not recorded.
        invocation_id: what dbt calls the command.
        target_folder: where dbt leaves its results.
        memory: what watched its memory.

    Raises:
        OSError, duckdb.Error, WarehouseError: if it cannot be written.
    """
    if command not in RECORDED_COMMANDS:
        return
    is_stage = bool(os.environ.get(RUN_ID))
    run = current_run() or begin_run(f"dbt {command}", invocation_id)
    results = _read_results(target_folder / "run_results.json", invocation_id)
    status = "error"
    if results:
        run["nodes"] = [
            _node(result, run["runs"][0]["run_id"], memory)
            for result in results["results"]
            if not result["unique_id"].startswith("operation.")
        ]
        statuses = {node["status"] for node in run["nodes"]}
        status = "error" if statuses & set(BROKEN) else "failed" if "fail" in statuses else "success"
        started = results["metadata"]["invocation_started_at"].rstrip("Z").replace("T", " ")
        if not is_stage:
            run["runs"][0]["started_at"] = started
        run["runs"][0].update(_costs(run["nodes"], float(results["elapsed_time"])))
        if working_path().exists():
            with connect(read_only=True) as connection:
                _note_tables(connection, run)
    alerts = end_run(run, "running" if is_stage else status)
    if not is_stage:
        deliver(run, alerts)


def _read_results(file: Path, invocation_id: str) -> dict[str, Any] | None:
    """The results of this very command; None where it did not come to have any."""
    try:
        results: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    return results if results["metadata"]["invocation_id"] == invocation_id else None


def _node(result: dict[str, Any], run_id: str, memory: MemoryWatch) -> dict[str, Any]:
    kind, _, name, *_ = result["unique_id"].split(".")
    relation = (result.get("relation_name") or "").replace('"', "").split(".")
    is_kept = result.get("message") == "KEPT"
    node = {
        "run_id": run_id,
        "node": result["unique_id"],
        "name": name,
        "resource_type": kind,
        "schema_name": relation[1] if kind in ("model", "seed") and len(relation) > 1 else None,
        "status": "kept" if is_kept else result["status"],
        "message": None if result["status"] in ("success", "pass") else result.get("message"),
        "performance_duration_seconds": result["execution_time"],
        "failures": result.get("failures") if kind in ("test", "unit_test") else None,
    }
    if timing := result["timing"]:
        start, end = (_moment(timing[0]["started_at"]), _moment(timing[-1]["completed_at"]))
        node["started_at"] = timestamp(start)
        if held := memory.between(start.timestamp(), end.timestamp()):
            node["peak_memory_mb"], node["memory_delta_mb"] = held
    return node


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _costs(nodes: list[dict[str, Any]], seconds: float) -> dict[str, Any]:
    models = [node for node in nodes if node["resource_type"] == "model"]
    grown = [node["memory_delta_mb"] for node in models if node.get("memory_delta_mb") is not None]
    return {
        "dbt_seconds": seconds,
        "models_built": sum(node["status"] == "success" for node in models),
        "performance_avg_memory_delta_mb": mean(grown) if grown else None,
    }


def _note_tables(connection: duckdb.DuckDBPyConnection, run: Run) -> None:
    """Note rows of models, the gates, the breakdown, the values and the inputs, where this command made them."""
    row, nodes = run["runs"][0], {node["name"]: node for node in run["nodes"]}
    counts = _row_counts(connection)
    for node in run["nodes"]:
        if node["status"] in ("success", "kept"):
            node["row_count"] = counts.get(node["node"])
    for table, (model, query) in JUDGED.items():
        made = nodes.get(model)
        if made and made["status"] in ("success", "kept"):
            rows = connection.execute(query.format(table=f"{made['schema_name']}.{model}"))
            names = [name for name, *_ in rows.description or ()]
            run[table] = [
                {"run_id": row["run_id"], **dict(zip(names, map(_plain, values), strict=True))}
                for values in rows.fetchall()
            ]
    for total in run.get("match_breakdowns", []):
        if total["dimension"] == "total":
            row.update({name: total[name] for name in ("awards", "matched_awards", "match_rate")})


def _row_counts(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """The rows of each model; none where no model was ever made."""
    try:
        return dict(connection.execute("select node, row_count from observability.fingerprints").fetchall())
    except duckdb.CatalogException:
        return {}


def _plain(value: object) -> object:
    """A value as JSON holds it; amounts as text, so that no cent is lost."""
    return value if isinstance(value, bool | int | float | str | None) else str(value)

"""Run the pipeline's stages in fresh processes and measure each, beside a fixed piece of work."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from database.warehouse import WarehouseError

PROJECT = Path(__file__).parents[2]
MEASURED_STAGE = Path(__file__).with_name("measured_stage.py")
SAMPLE = PROJECT / "data" / "sample"
# Recipients of a generated sample: enough for every situation, then per award as in the committed one.
MINIMUM_RECIPIENTS = 200
RECIPIENTS_PER_AWARD = 0.8
SEED = 20240601

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Run:
    """One run of the pipeline.

    Attributes:
        stages: name, exit_code, seconds, peak_memory_mb, memory_delta_mb of each.
        model_seconds: of each model that was built, by its file.
        calibration_seconds: median of the fixed work beside the stages.
        warehouse: folder of the warehouse that the run left behind.
    """

    stages: list[dict[str, Any]]
    model_seconds: dict[str, float]
    calibration_seconds: float
    warehouse: Path

    @property
    def seconds(self) -> float:
        """All stages together."""
        return float(sum(stage["seconds"] for stage in self.stages))

    def seconds_in(self, *folders: str) -> float:
        """The models in folders of `models/intermediate` together; two at a time may run side by side."""
        paths = tuple(f"models/intermediate/{folder}/" for folder in folders)
        return sum(seconds for file, seconds in self.model_seconds.items() if file.startswith(paths))

    @property
    def peak_memory_mb(self) -> float:
        """Peak resident memory of the hungriest stage."""
        return float(max(stage["peak_memory_mb"] for stage in self.stages))


def run_python(arguments: list[str], project: Path = PROJECT, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a script or module of a project in a fresh process and keep what it prints."""
    return subprocess.run(  # noqa: S603
        [sys.executable, *arguments],
        cwd=project,
        env={**os.environ, "PYTHONPATH": str(project / "scripts"), **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def last_line(done: subprocess.CompletedProcess[str]) -> str:
    """The last line a process printed, preferably to stderr."""
    lines = (done.stderr.strip() or done.stdout.strip() or "it printed nothing").splitlines()
    return lines[-1]


def generate_inputs(awards: int, recipients: int | None, folder: Path) -> None:
    """Write generated inputs of the given size, and their truth, into the folder.

    Args:
        awards: how many.
        recipients: how many; None for as many per award as in the committed sample.
        folder: where to.

    Raises:
        WarehouseError: if the generator refuses.
    """
    recipients = recipients or MINIMUM_RECIPIENTS + round(awards * RECIPIENTS_PER_AWARD)
    sizes = ["--awards", str(awards), "--recipients", str(recipients), "--seed", str(SEED)]
    done = run_python(["scripts/generate_sample.py", *sizes, "--output", str(folder)])
    if done.returncode:
        raise WarehouseError(f"Cannot generate {awards} awards: {last_line(done)}")


def input_file(folder: Path, name: str) -> Path:
    """The file of that name, as CSV or Parquet."""
    parquet = folder / f"{name}.parquet"
    return parquet if parquet.exists() else folder / f"{name}.csv"


def run_stage(name: str, arguments: list[str], folder: Path, project: Path = PROJECT) -> dict[str, Any]:
    """Run a stage in a fresh process on the warehouse in the folder.

    Args:
        name: what to call the stage.
        arguments: `dbt` or a script, and its command line.
        folder: the scratch folder.
        project: the checkout whose stage it is.

    Returns:
        name, exit_code, seconds, peak_memory_mb, memory_delta_mb.

    Raises:
        WarehouseError: if the stage could not run (exit code other than 0 and 1).
    """
    costs = folder / f"{name}.json"
    done = run_python(
        ["-P", str(MEASURED_STAGE), str(costs), *arguments],
        project,
        SBIR_WAREHOUSE_DIR=str(folder / "warehouse"),
        DBT_PROFILES_DIR="profiles",
        DBT_TARGET_PATH=str(folder / "target"),
        DBT_LOG_PATH=str(folder / "logs"),
    )
    if done.returncode not in (0, 1) or not costs.exists():
        raise WarehouseError(f"The stage {name} could not run: {last_line(done)}")
    measured = json.loads(costs.read_text(encoding="utf-8"))
    return {"name": name, "exit_code": done.returncode, **measured}


def calibrate() -> float:
    """Seconds that the fixed work takes now.

    Raises:
        WarehouseError: if it could not run.
    """
    done = run_python(["-m", "benchmarking.calibration"])
    if done.returncode:
        raise WarehouseError(f"The calibration could not run: {last_line(done)}")
    return float(done.stdout)


def run_pipeline(inputs: Path, folder: Path, tell: Tell, project: Path = PROJECT) -> Run:
    """Load, build and publish in a scratch warehouse; a build whose gates fail is measured, not published.

    Args:
        inputs: folder with the three input files.
        folder: the scratch folder, empty.
        tell: what to call with the stage that begins.
        project: the checkout to run.

    Returns:
        What it took.

    Raises:
        WarehouseError: if a stage could not run.
    """
    folder.mkdir(parents=True, exist_ok=True)
    load = ["scripts/load_raw.py", "--awards", str(input_file(inputs, "award_data"))]
    load += ["--recipients", str(input_file(inputs, "recipient_lookup"))]
    load += ["--prime-awards", str(input_file(inputs, "prime_award_summaries"))]
    commands = {
        "load": load,
        "build": ["dbt", "build", "--exclude-resource-type", "unit_test", "--exclude", "tag:keys"],
        "publish": ["scripts/publish.py"],
    }
    stages: list[dict[str, Any]] = []
    calibrations = [calibrate()]
    for name, arguments in commands.items():
        tell(name)
        stages.append(run_stage(name, arguments, folder, project))
        calibrations.append(calibrate())
        if stages[-1]["exit_code"]:
            break
    return Run(stages, read_model_seconds(folder / "target"), median(calibrations), folder / "warehouse")


def read_model_seconds(target: Path) -> dict[str, float]:
    """What dbt noted of the models it built.

    Args:
        target: dbt's target folder of the run.

    Returns:
        Seconds of each model, by its file; empty where dbt got to none.
    """
    results = target / "run_results.json"
    manifest = target / "manifest.json"
    if not results.exists() or not manifest.exists():
        return {}
    nodes = json.loads(manifest.read_text(encoding="utf-8"))["nodes"]
    return {
        nodes[result["unique_id"]]["original_file_path"]: float(result["execution_time"])
        for result in json.loads(results.read_text(encoding="utf-8"))["results"]
        if result["unique_id"].startswith("model.")
    }


def scratch_folder() -> tempfile.TemporaryDirectory[str]:
    """A folder for warehouses that is removed in the end."""
    return tempfile.TemporaryDirectory(prefix="sbir-benchmark-")

"""The inputs of a soak: generated files that differ, each with records that no loader can read."""

import csv
from dataclasses import dataclass
from pathlib import Path

from benchmarking.stages import last_line, run_python
from database.warehouse import WarehouseError

# Awards, recipients and seed of each, always the same: the gates must hold on them. A soak varies the faults.
SIZES = ((500, 400, 7), (300, 300, 8), (400, 450, 9))
FILES = {"awards": "award_data", "recipients": "recipient_lookup", "prime_awards": "prime_award_summaries"}
# Records that are cut short or have too many fields.
UNREADABLE = b"cut,short\n" + b",".join([b"many"] * 99) + b"\nonly one field\n"


@dataclass(frozen=True)
class Input:
    """Files that are loaded together.

    Attributes:
        name: to tell it from the others.
        files: path by what it holds.
        records: how many each holds, counted without the loader.
    """

    name: str
    files: dict[str, Path]
    records: dict[str, int]

    @property
    def options(self) -> list[str]:
        """The files as options of the build and of the loader."""
        return [word for name, path in self.files.items() for word in (f"--{name.replace('_', '-')}", str(path))]

    @property
    def file_names(self) -> list[str]:
        """Names of the files; no two inputs share one."""
        return [path.name for path in self.files.values()]


def make_inputs(folder: Path, number: int) -> list[Input]:
    """Generate inputs, the same ones each time.

    Args:
        folder: where the files go.
        number: how many.

    Returns:
        The inputs.

    Raises:
        WarehouseError: if they cannot be generated.
    """
    return [make_input(folder, f"input{index + 1}", *size) for index, size in enumerate(SIZES[:number])]


def make_input(folder: Path, name: str, awards: int, recipients: int, seed: int) -> Input:
    """Generate one input of a size.

    Raises:
        WarehouseError: if it cannot be generated.
    """
    place = folder / name
    size = ["--awards", str(awards), "--recipients", str(recipients), "--seed", str(seed)]
    done = run_python(["scripts/generate_sample.py", *size, "--output", str(place)])
    if done.returncode:
        raise WarehouseError(f"{name} could not be generated: {last_line(done)}")
    files = {}
    for kind, stem in FILES.items():
        # The name says which input it is, also in the published file.
        files[kind] = (place / f"{stem}.csv").rename(place / f"{stem}_{name}.csv")
    with files["awards"].open("ab") as file:
        file.write(UNREADABLE)
    return Input(name, files, {kind: count_records(path) for kind, path in files.items()})


def count_records(path: Path) -> int:
    """Count the records of a CSV file without its header."""
    with path.open(encoding="latin-1", newline="") as file:
        return sum(1 for record in csv.reader(file) if record) - 1

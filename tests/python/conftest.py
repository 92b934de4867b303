"""What the tests share: running the project's commands on warehouses of their own."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import settings

# HYPOTHESIS_PROFILE=long chooses a long run.
settings.register_profile("default", deadline=None, max_examples=60)
settings.register_profile("long", deadline=None, max_examples=10_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE") or "default")
PROJECT = Path(__file__).parents[2]
SAMPLE = PROJECT / "data" / "sample"


@dataclass(frozen=True)
class Done:
    """How a command ended: its exit code and everything it printed."""

    exit_code: int
    output: str


@dataclass(frozen=True)
class Warehouse:
    """A warehouse folder, and the project's commands run on it."""

    folder: Path

    @property
    def working(self) -> Path:
        return self.folder / "build.duckdb"

    @property
    def published(self) -> Path:
        return self.folder / "sbir.duckdb"

    def run(self, *command: str, **environment: str) -> Done:
        done = subprocess.run(
            [sys.executable, *command],
            cwd=PROJECT,
            env={
                **os.environ,
                "SBIR_WAREHOUSE_DIR": str(self.folder),
                "DBT_PROFILES_DIR": "profiles",
                "DBT_TARGET_PATH": str(self.folder / "target"),
                "DBT_LOG_PATH": str(self.folder / "logs"),
                "DBT_LOG_LEVEL_FILE": "none",
                "DBT_USE_COLORS": "false",
                "COLUMNS": "200",
                **environment,
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        return Done(done.returncode, done.stdout)

    def dbt(self, *arguments: str, **environment: str) -> Done:
        return self.run("-m", "dbt.cli.main", *arguments, **environment)

    def build(self, **environment: str) -> Done:
        return self.dbt("build", "--exclude-resource-type", "unit_test", **environment)

    def build_tables(self, **environment: str) -> Done:
        """Build without the data tests, where these are not what is tested."""
        return self.dbt("build", "--resource-type", "model", "--resource-type", "seed", **environment)

    def load(self, *arguments: str, **environment: str) -> Done:
        return self.run("scripts/load_raw.py", *arguments, **environment)

    def publish(self, **environment: str) -> Done:
        return self.run("scripts/publish.py", **environment)

    def execute(self, sql: str) -> None:
        with duckdb.connect(str(self.working)) as connection:
            connection.execute(sql)

    def query(self, sql: str, published: bool = False) -> list[tuple[object, ...]]:
        path = self.published if published else self.working
        with duckdb.connect(str(path), read_only=True) as connection:
            return connection.execute(sql).fetchall()

    def published_digest(self) -> str:
        return hashlib.sha256(self.published.read_bytes()).hexdigest()

    def analytics_tables(self) -> list[tuple[object, ...]]:
        return self.query("select table_name from information_schema.tables where table_schema = 'analytics'")

    def clear(self) -> None:
        """Remove the DuckDB files; dbt's parse of the project stays, which saves seconds a test."""
        self.folder.mkdir(exist_ok=True)
        for path in self.folder.iterdir():
            if path.name != "target":
                shutil.rmtree(path) if path.is_dir() else path.unlink()


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


@pytest.fixture(scope="session")
def empty_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The one folder that the warehouses of this session share, in turn."""
    return tmp_path_factory.mktemp("warehouse")


@pytest.fixture
def warehouse(empty_folder: Path) -> Warehouse:
    """An empty warehouse."""
    empty = Warehouse(empty_folder)
    empty.clear()
    return empty


@pytest.fixture(scope="session")
def built_sample(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """The sample, as make build leaves it. Shared by all tests: read it, never change it."""
    built = Warehouse(tmp_path_factory.mktemp("sample"))
    done = built.run("scripts/build.py")
    assert done.exit_code == 0, done.output
    return built


@pytest.fixture(scope="session")
def manifest(built_sample: Warehouse) -> dict[str, dict[str, dict[str, Any]]]:
    """What dbt knew of the project when it built the sample: nodes, sources, macros and exposures by identifier."""
    text = (built_sample.folder / "target" / "manifest.json").read_text(encoding="utf-8")
    known: dict[str, dict[str, dict[str, Any]]] = json.loads(text)
    return known


@pytest.fixture
def sample_copy(built_sample: Warehouse, warehouse: Warehouse) -> Warehouse:
    """A copy of the built sample, to be broken."""
    for path in built_sample.folder.glob("*.*"):
        shutil.copy2(path, warehouse.folder)
    return warehouse


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the project, to be changed."""
    folder = tmp_path / "project"
    kept_out = shutil.ignore_patterns(".git", ".venv", "target", "logs", "warehouse", "reports", ".*_cache")
    shutil.copytree(PROJECT, folder, ignore=kept_out)
    return folder


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder with the real federal files."""
    folder = os.environ.get("SBIR_REAL_DATA")
    if not folder:
        pytest.skip("SBIR_REAL_DATA names no folder with the real files")
    return Path(folder)

"""What the tests share: running the project's commands on warehouses of their own."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest
from filelock import FileLock
from hypothesis import settings

import match_names
from forking_dbt import run_dbt

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

    def environment(self, **environment: str) -> dict[str, str]:
        """What a command on this warehouse has for its environment, and what is given beside."""
        return {
            **os.environ,
            "SBIR_WAREHOUSE_DIR": str(self.folder),
            "DBT_PROFILES_DIR": "profiles",
            "DBT_TARGET_PATH": str(self.folder / "target"),
            "DBT_LOG_PATH": str(self.folder / "logs"),
            "DBT_LOG_LEVEL_FILE": "none",
            "DBT_USE_COLORS": "false",
            "COLUMNS": "200",
            **environment,
        }

    def run(self, *command: str, **environment: str) -> Done:
        done = subprocess.run(
            [sys.executable, *command],
            cwd=PROJECT,
            env=self.environment(**environment),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        return Done(done.returncode, done.stdout)

    def dbt(self, *arguments: str, **environment: str) -> Done:
        with tempfile.NamedTemporaryFile("r", encoding="utf-8") as output:
            exit_code = run_dbt(PROJECT, arguments, self.environment(**environment), Path(output.name))
            return Done(exit_code, output.read())

    def build(self, **environment: str) -> Done:
        return self.dbt("build", "--exclude-resource-type", "unit_test", "--exclude", "tag:keys", **environment)

    def build_tables(self, **environment: str) -> Done:
        """Build without the data tests, where these are not what is tested."""
        return self.dbt("build", "--resource-type", "model", "--resource-type", "seed", **environment)

    def load(self, *arguments: str, **environment: str) -> Done:
        return self.run("scripts/load_raw.py", *arguments, **environment)

    def publish(self, **environment: str) -> Done:
        return self.run("scripts/publish.py", **environment)

    def publish_changed(self, **environment: str) -> Done:
        """Publish after a whole build that left other rows than the one before."""
        self.change_rows()
        return self.publish(**environment)

    def change_rows(self) -> None:
        """Leave what a whole build with other rows than the one before would leave."""
        table = "analytics.sbir_unmatched_awards"
        self.execute(
            f"insert into {table} from {table} limit 1; update observability.whole_build set contents = "
            f"(from observability.content_digest('{table}')) where table_name = '{table}'"
        )

    def execute(self, sql: str) -> None:
        with duckdb.connect(str(self.working)) as connection:
            connection.execute(sql)

    def query(self, sql: str, published: bool = False) -> list[tuple[object, ...]]:
        with self.reading(published) as connection:
            return connection.execute(sql).fetchall()

    def reading(self, published: bool = False) -> duckdb.DuckDBPyConnection:
        """A connection for many queries: to open the file takes longer than most of them."""
        return duckdb.connect(str(self.published if published else self.working), read_only=True)

    def published_digest(self) -> str:
        return hashlib.sha256(self.published.read_bytes()).hexdigest()

    def analytics_tables(self) -> list[tuple[object, ...]]:
        return self.query("select table_name from information_schema.tables where table_schema = 'analytics'")


def clear(folder: Path) -> None:
    """Empty a folder; dbt's parse of the project stays, which saves seconds a test."""
    folder.mkdir(exist_ok=True)
    for path in folder.iterdir():
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
    clear(empty_folder)
    return Warehouse(empty_folder)


@pytest.fixture(scope="session")
def built_sample(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """The sample, as make build leaves it. Shared by all tests: read it, never change it."""
    built = Warehouse(tmp_path_factory.mktemp("built") / "sample")
    if "PYTEST_XDIST_WORKER" not in os.environ:
        _build_sample(built)
        return built
    # The folders of the workers lie side by side. One of them builds, and all take copies.
    first = Warehouse(tmp_path_factory.getbasetemp().parent / "sample")
    with FileLock(f"{first.folder}.lock"):
        if not first.published.exists():
            _build_sample(first)
    shutil.copytree(first.folder, built.folder)
    return built


def _build_sample(warehouse: Warehouse) -> None:
    stub = warehouse.folder.with_name("without_pandas")
    stub.mkdir()
    (stub / "pandas.py").write_text(
        "import pathlib\npathlib.Path(__file__).with_name('asked').touch()\nraise ImportError\n"
    )
    done = warehouse.run("scripts/build.py", PYTHONPATH=str(stub))
    assert done.exit_code == 0, done.output
    # It is for those who ask the published file; to import it takes longer than many a stage.
    assert not (stub / "asked").exists()


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


@pytest.fixture(scope="session")
def kept_scratch(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], AbstractContextManager[None]]:
    """Within its block, lists are linked in a scratch warehouse at one place, where dbt's parse stays."""
    folder = tmp_path_factory.mktemp("scratch")

    @contextmanager
    def same_place() -> Iterator[Path]:
        clear(folder)
        yield folder

    @contextmanager
    def block() -> Iterator[None]:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(match_names, "scratch_warehouse", same_place)
            yield

    return block


@pytest.fixture(scope="session")
def project_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The one folder that the copies of the project share, in turn."""
    return tmp_path_factory.mktemp("project")


@pytest.fixture
def project(project_folder: Path) -> Path:
    """A copy of the project, to be changed; of the copy before, dbt's parse stays, to parse only what differs."""
    clear(project_folder)
    kept_out = shutil.ignore_patterns(".git", ".venv", "target", "logs", "warehouse", "reports", ".*_cache")
    shutil.copytree(PROJECT, project_folder, ignore=kept_out, dirs_exist_ok=True)
    return project_folder


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder with the real federal files."""
    folder = os.environ.get("SBIR_REAL_DATA")
    if not folder:
        pytest.skip("SBIR_REAL_DATA names no folder with the real files")
    return Path(folder)

"""The dbt-duckdb face of the UDFs: registers them on the connection and prepares the working folder."""

import atexit
import gc
from functools import cache
from pathlib import Path
from typing import Any

import click
import duckdb
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.adapters.duckdb.credentials import DuckDBCredentials
from dbt.adapters.duckdb.plugins import BasePlugin
from dbt.flags import get_flags
from dbt_common.exceptions import DbtRuntimeError
from dbt_common.invocation import get_invocation_id
from duckdb.func import FunctionNullHandling, PythonUDFType

from database.lock import take_lock
from database.warehouse import ENGINE_SETTINGS, WarehouseError, confine, connect, engine_limits, published_path
from interface.file_modes import restrict_new_files
from interface.settings import SettingError, check_settings
from publishing.link_changes import attach_version
from python_udfs.similarity import edit_distance, similarity_version
from recording.dbt_results import record_dbt_command
from recording.memory import MemoryWatch
from recording.recorder import guarded

# How many objects may come into being before Python looks for unreachable ones, by generation. What dbt knows of the
# project stays to its end; looking through it ever anew takes a tenth of dbt's own time.
GARBAGE_THRESHOLDS = (200_000, 50, 1000)


def seed_folders() -> set[Path]:
    """Where the project's seeds lie: dbt-duckdb copies them from their files."""
    project = Path(getattr(get_flags(), "PROJECT_DIR", None) or ".")  # type: ignore[no-untyped-call]
    seeds = [*project.glob("seeds/*.csv")]
    return {place.parent for seed in seeds for place in (seed.absolute(), seed.resolve())}


@cache
def record_when_done() -> None:
    """See to it that this command is recorded when it has ended, however it ends, from what it leaves behind.

    With `--no-write-json`, as publishing asks the gates, it leaves nothing.
    """
    flags: Any = get_flags()  # type: ignore[no-untyped-call]
    if not flags.WRITE_JSON:
        return
    memory = MemoryWatch()
    target_folder = Path(getattr(flags, "PROJECT_DIR", None) or ".") / (getattr(flags, "TARGET_PATH", None) or "target")

    def record() -> None:
        DuckDBConnectionManager.close_all_connections()  # type: ignore[no-untyped-call]
        record_dbt_command(flags.WHICH, get_invocation_id(), target_folder, memory)

    atexit.register(guarded, record)


class Plugin(BasePlugin):
    """Registers `edit_distance(text, text) -> integer` and `similarity_version() -> text` for the models."""

    def initialize(self, plugin_config: dict[str, Any]) -> None:
        """Write files as scripts do: for their owner and, to read, the group."""
        restrict_new_files()
        gc.set_threshold(*GARBAGE_THRESHOLDS)
        self._is_told_unreadable = False

    def update_connection_config(self, creds: DuckDBCredentials, config: dict[str, Any]) -> None:
        """Limit DuckDB as scripts do, and see that the working file is whole and nobody else's.

        DuckDB's own words on a file that is held or damaged would end in a traceback.
        """
        folder = Path(creds.path).parent
        try:
            check_settings()
            config.update({**engine_limits(), **ENGINE_SETTINGS})
            take_lock(folder, "dbt")
            connect(folder).close()
            record_when_done()
        except (SettingError, WarehouseError) as error:
            raise DbtRuntimeError(error.message) from error

    def configure_connection(self, conn: duckdb.DuckDBPyConnection) -> None:
        """Register the UDFs, as Arrow functions: whole columns a call instead of one row; let nothing else in."""
        if self.creds is not None:
            folder = Path(self.creds.path).parent
            self._attach_published(conn, folder / published_path().name)
            confine(conn, [folder, *seed_folders()])
        conn.create_function(
            "edit_distance",
            edit_distance,
            ["VARCHAR", "VARCHAR"],
            "INTEGER",
            type=PythonUDFType.ARROW,
            null_handling=FunctionNullHandling.SPECIAL,
        )
        conn.create_function("similarity_version", similarity_version, [], "VARCHAR")

    def _attach_published(self, conn: duckdb.DuckDBPyConnection, path: Path) -> None:
        """Attach the published file, once for all models, which run beside each other; tell where it cannot be read.

        It holds up no build: the next publication replaces it.
        """
        if not path.exists() or self._is_told_unreadable:
            return
        try:
            attach_version(conn, path, "published")
        except duckdb.Error:
            self._is_told_unreadable = True
            click.echo(
                f"{path} cannot be read in full: continuity and quality.rpt_link_changes compare with nothing.",
                err=True,
            )

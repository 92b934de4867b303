"""The dbt-duckdb face of the UDFs: registers them on the connection and prepares the working folder."""

from pathlib import Path
from typing import Any

import duckdb
from dbt.adapters.duckdb.credentials import DuckDBCredentials
from dbt.adapters.duckdb.plugins import BasePlugin
from dbt_common.exceptions import DbtRuntimeError
from duckdb.func import FunctionNullHandling, PythonUDFType

from python_udfs.similarity import edit_distance, similarity_version
from warehouse import WarehouseError, engine_limits


class Plugin(BasePlugin):
    """Registers `edit_distance(text, text) -> integer` and `similarity_version() -> text` for the models."""

    def initialize(self, plugin_config: dict[str, Any]) -> None:
        """Make the folder of the working file: DuckDB creates files, not folders."""
        if self.creds is not None and self.creds.path != ":memory:":
            Path(self.creds.path).parent.mkdir(parents=True, exist_ok=True)

    def update_connection_config(self, creds: DuckDBCredentials, config: dict[str, Any]) -> None:
        """Limit DuckDB as scripts do."""
        try:
            config.update(engine_limits())
        except WarehouseError as error:
            raise DbtRuntimeError(error.message) from error

    def configure_connection(self, conn: duckdb.DuckDBPyConnection) -> None:
        """Register the UDFs, as Arrow functions: whole columns a call instead of one row."""
        conn.create_function(
            "edit_distance",
            edit_distance,
            ["VARCHAR", "VARCHAR"],
            "INTEGER",
            type=PythonUDFType.ARROW,
            null_handling=FunctionNullHandling.SPECIAL,
        )
        conn.create_function("similarity_version", similarity_version, [], "VARCHAR")

"""Personal data stop in raw: no model reads them, and nothing that leaves the raw schema holds them."""

import csv
import re
from pathlib import Path

from conftest import SAMPLE, Warehouse
from loading.layout import read_layout

SENTINEL = "PERSONAL-7391"
PERSONAL = [column for column in read_layout("awards") if column.name.startswith(("contact_", "pi_", "ri_"))]


def test_no_model_reads_a_personal_column(built_sample: Warehouse) -> None:
    assert len(PERSONAL) == 11
    models = [*built_sample.folder.glob("target/compiled/**/models/**/*.sql")]
    assert len(models) > 70
    words = re.compile("|".join(rf"\b{column.name}\b" for column in PERSONAL))
    assert [model.name for model in models if words.search(model.read_text())] == []


def test_personal_values_are_nowhere_outside_raw_and_quarantine(warehouse: Warehouse, tmp_path: Path) -> None:
    awards = tmp_path / "awards.csv"
    with (SAMPLE / "award_data.csv").open(encoding="utf-8", newline="") as file:
        records = list(csv.DictReader(file))[:300]
    for record in records:
        record.update({column.header: f"{SENTINEL} {column.name}" for column in PERSONAL})
    with awards.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(records[0]))
        writer.writeheader()
        writer.writerows(records)
        # Too many fields: this record goes to quarantine, with all its text.
        file.write(f"{SENTINEL},{','.join('x' * (len(records[0]) + 1))}\n")
    load = warehouse.load("--awards", str(awards), "--recipients", str(SAMPLE / "recipient_lookup.csv"))
    assert "1 quarantined" in load.output
    built = warehouse.build_tables(DBT_LOG_LEVEL_FILE="debug", TEST_WITH_MANIFEST="yes", SBIR_MIN_MATCH_RATE="0")
    assert built.exit_code == 0, built.output
    sheet = tmp_path / "quarantine.csv"
    exported = warehouse.run("scripts/export_quarantine.py", "--output", str(sheet))
    assert exported.exit_code == 0, exported.output

    with warehouse.reading() as connection:
        texts = connection.execute(
            """select schema_name, table_name, column_name from duckdb_columns()
            where data_type like '%VARCHAR%' and not internal"""
        ).fetchall()
        holders = {
            schema
            for schema, table, column in texts
            if connection.execute(
                f"select 1 from {schema}.{table} where cast(\"{column}\" as varchar) like '%{SENTINEL}%' limit 1"
            ).fetchall()
        }
    assert holders == {"raw", "quarantine"}
    written = [
        path for path in warehouse.folder.rglob("*") if path.is_file() and path.suffix in (".sql", ".json", ".log")
    ]
    assert len(written) > 70
    assert {"manifest.json", "run_results.json"} <= {path.name for path in written}
    for path in [*written, sheet]:
        assert SENTINEL not in path.read_text(encoding="utf-8"), path
    assert SENTINEL not in load.output + built.output + exported.output
    with_text = warehouse.run("scripts/export_quarantine.py", "--output", str(sheet), "--with-raw-text")
    assert with_text.exit_code == 0
    assert SENTINEL in sheet.read_text(encoding="utf-8")

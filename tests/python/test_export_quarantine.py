"""The export of what could not be read: harmless in a spreadsheet, and without personal data unless it is asked for."""

import csv
from pathlib import Path

from click.testing import CliRunner, Result

import export_quarantine
from load_helpers import HEADER, Loading, put


def export(loading: Loading, *arguments: str) -> Result:
    return CliRunner().invoke(
        export_quarantine.main, list(arguments), env={"SBIR_WAREHOUSE_DIR": str(loading.folder), "COLUMNS": "200"}
    )


def test_quarantine_is_written_for_a_spreadsheet(tmp_path: Path) -> None:
    loading = Loading(tmp_path / "warehouse")
    loading.recipients(put(tmp_path, f'{HEADER}=HYPERLINK("x"),secret\nh,A,,\n', "=odd.csv"))
    output = tmp_path / "out.csv"
    done = export(loading, "--output", str(output))
    assert done.exit_code == 0, done.output
    assert "1 records written" in done.output
    with output.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0] == ["input", "file_name", "record_number", "reason"]
    assert rows[1][:3] == ["recipients", "'=odd.csv", "2"]
    assert "secret" not in output.read_text(encoding="utf-8-sig")
    assert export(loading, "--output", str(output), "--with-raw-text").exit_code == 0
    with output.open(encoding="utf-8-sig", newline="") as file:
        assert list(csv.reader(file))[1][4] == '\'=HYPERLINK("x"),secret'


def test_missing_warehouse_and_unwritable_output_are_one_line(tmp_path: Path) -> None:
    loading = Loading(tmp_path / "warehouse")
    done = export(loading)
    assert (done.exit_code, done.output.count("\n")) == (2, 1)
    assert "There is no" in done.output
    loading.recipients(put(tmp_path, HEADER, "a.csv"))
    done = export(loading, "--output", str(tmp_path / "missing" / "out.csv"))
    assert (done.exit_code, done.output.count("\n")) == (2, 1)
    assert "Cannot write" in done.output

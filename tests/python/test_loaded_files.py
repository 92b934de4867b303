"""The notes of what was loaded help where they can be read, and stop nothing where they cannot."""

import pytest
from conftest import Warehouse
from loaded_files import RECORD, loaded_files, note_loaded_files


@pytest.mark.parametrize("torn", [b"", b'{"awards": "/data/aw', b"\xff\xfe{}", b"[]"])
def test_notes_that_cannot_be_read_are_made_anew(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch, torn: bytes
) -> None:
    monkeypatch.setenv("SBIR_WAREHOUSE_DIR", str(warehouse.folder))
    (warehouse.folder / RECORD).write_bytes(torn)
    assert loaded_files() is None
    note_loaded_files({"awards": warehouse.folder / "awards.csv"}, is_sample=False)
    assert loaded_files() == {"awards": str(warehouse.folder / "awards.csv")}

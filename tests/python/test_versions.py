"""Published versions: the newest few are kept, and one of them is published again by one rename."""

import os
import stat
from pathlib import Path

import duckdb
import pytest

from conftest import Warehouse
from database.warehouse import WarehouseError
from interface.settings import SettingError
from publishing.versions import (
    CROSSWALK_FILE,
    check_places,
    find_versions,
    finish_switch,
    kept_versions,
    published_version,
    switch_to,
)


def numbers(warehouse: Warehouse) -> list[str]:
    return sorted(path.name for path in (warehouse.folder / "versions").iterdir())


def shown_version(warehouse: Warehouse) -> object:
    return warehouse.query("select version from observability.publication", published=True)[0][0]


def test_newest_versions_are_kept_and_a_rollback_brings_one_back(sample_copy: Warehouse) -> None:
    for _ in range(4):
        done = sample_copy.publish_changed(SBIR_KEEP_VERSIONS="3")
        assert done.exit_code == 0, done.output
    # The file that was published before there were versions became the first.
    assert numbers(sample_copy) == ["000003", "000004", "000005"]
    latest = sample_copy.published_digest()
    with duckdb.connect(str(sample_copy.published), read_only=True) as reader:
        done = sample_copy.run("scripts/rollback.py")
        assert done.exit_code == 0, done.output
        assert "is version 4 again, published at" in done.output
        assert reader.execute("select version from observability.publication").fetchall() == [(5,)]
    assert shown_version(sample_copy) == 4
    assert sample_copy.run("scripts/rollback.py").exit_code == 0
    assert shown_version(sample_copy) == 3
    refused = sample_copy.run("scripts/rollback.py")
    assert refused.exit_code == 2
    assert "There is no version before the published one; kept are: 3, 4, 5" in refused.output
    assert sample_copy.run("scripts/rollback.py", "--to", "5").exit_code == 0
    assert sample_copy.published_digest() == latest
    assert "There is no version 9; kept are: 3, 4, 5" in sample_copy.run("scripts/rollback.py", "--to", "9").output
    assert stat.S_IMODE(sample_copy.published.stat().st_mode) == 0o440


def test_published_version_is_kept_however_old(sample_copy: Warehouse) -> None:
    for _ in range(3):
        assert sample_copy.publish_changed(SBIR_KEEP_VERSIONS="9").exit_code == 0
    assert sample_copy.run("scripts/rollback.py", "--to", "2").exit_code == 0
    listed = sample_copy.run("scripts/rollback.py", "--list")
    assert listed.exit_code == 0
    assert next(line for line in listed.output.splitlines() if "now" in line).split()[-7] == "2"
    assert sample_copy.publish_changed(SBIR_KEEP_VERSIONS="1").exit_code == 0
    assert numbers(sample_copy) == ["000005"]


def test_crosswalk_goes_with_its_version(sample_copy: Warehouse) -> None:
    crosswalk = sample_copy.folder / "sbir_recipient_crosswalk.parquet"
    assert sample_copy.publish_changed().exit_code == 0
    assert sample_copy.publish_changed().exit_code == 0
    assert sample_copy.run("scripts/rollback.py").exit_code == 0
    assert crosswalk.samefile(sample_copy.folder / "versions" / "000002" / crosswalk.name)


def make_version(folder: Path, number: int, *names: str) -> None:
    place = folder / "versions" / f"{number:06}"
    place.mkdir(parents=True)
    for name in names:
        (place / name).write_text(f"{number}")
        os.utime(place / name, (number, number))


def test_switch_killed_between_its_renames_is_finished(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SBIR_WAREHOUSE_DIR", str(tmp_path))
    for number in (1, 2):
        make_version(tmp_path, number, "sbir.duckdb", CROSSWALK_FILE)
    switch_to(find_versions()[0])
    os.link(tmp_path / "versions" / "000002" / CROSSWALK_FILE, tmp_path / "half")
    (tmp_path / "half").replace(tmp_path / CROSSWALK_FILE)
    finish_switch()
    assert (tmp_path / CROSSWALK_FILE).read_text() == (tmp_path / "sbir.duckdb").read_text() == "1"


def test_switch_to_what_is_published_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SBIR_WAREHOUSE_DIR", str(tmp_path))
    make_version(tmp_path, 1, "sbir.duckdb")
    for _ in range(2):
        switch_to(find_versions()[0])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["sbir.duckdb", "versions"]


def test_file_systems_without_hard_links_get_copies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_link(*_: object) -> None:
        raise OSError("not supported")

    monkeypatch.setattr(os, "link", no_link)
    monkeypatch.setenv("SBIR_WAREHOUSE_DIR", str(tmp_path))
    for number in (1, 2):
        make_version(tmp_path, number, "sbir.duckdb")
    switch_to(find_versions()[0])
    assert published_version() == find_versions()[0]
    switch_to(find_versions()[1])
    assert published_version() == find_versions()[1]
    assert (tmp_path / "sbir.duckdb").read_text() == "2"


@pytest.mark.parametrize("value", ["0", "-1", "many", "1.5"])
def test_number_of_versions_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("SBIR_KEEP_VERSIONS", value)
    with pytest.raises(SettingError, match=f"SBIR_KEEP_VERSIONS='{value}' is not a number of versions"):
        kept_versions()


def damage(path: Path) -> None:
    """Overwrite the middle of a file."""
    size = path.stat().st_size
    path.chmod(0o640)
    with path.open("r+b") as file:
        file.seek(size // 3)
        file.write(bytes(size // 3))


def test_same_rows_are_no_new_version(sample_copy: Warehouse) -> None:
    before = sample_copy.published_digest()
    done = sample_copy.publish()
    assert done.exit_code == 0, done.output
    assert "Unchanged, still version 1" in done.output
    assert numbers(sample_copy) == ["000001"]
    assert sample_copy.published_digest() == before
    damage(sample_copy.published)
    done = sample_copy.publish()
    assert done.exit_code == 0, done.output
    assert "Published as version 2" in done.output


def test_unreadable_version_is_listed_and_never_published(sample_copy: Warehouse) -> None:
    assert sample_copy.publish_changed().exit_code == 0
    latest = sample_copy.published_digest()
    first = sample_copy.folder / "versions" / "000001" / "sbir.duckdb"
    damage(first)
    listed = sample_copy.run("scripts/rollback.py", "--list")
    assert listed.exit_code == 0, listed.output
    assert [line.split()[1] for line in listed.output.splitlines() if "unreadable" in line] == ["1"]
    assert any("now" in line and "SAMPLE" in line for line in listed.output.splitlines())
    refused = sample_copy.run("scripts/rollback.py")
    assert refused.exit_code == 2
    assert refused.output.count("\n") == 1
    assert "Version 1 cannot be read" in refused.output
    assert sample_copy.published_digest() == latest


@pytest.mark.parametrize("name", ["sbir.duckdb", "versions", CROSSWALK_FILE])
def test_links_are_refused_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv("SBIR_WAREHOUSE_DIR", str(tmp_path))
    (tmp_path / "elsewhere").mkdir()
    check_places()
    (tmp_path / name).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(WarehouseError, match=f"{name} is a symbolic link"):
        check_places()


def test_nothing_to_roll_back_to_is_one_line(warehouse: Warehouse) -> None:
    done = warehouse.run("scripts/rollback.py")
    assert done.exit_code == 2
    assert "There is no version before the published one; kept are: none" in done.output
    assert done.output.count("\n") == 1

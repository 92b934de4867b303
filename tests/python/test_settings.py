"""Settings are checked before anything is done by them; empty means the default, for scripts and for dbt."""

import pytest
import yaml
from jinja2 import Template

from conftest import PROJECT, Warehouse
from interface.settings import SETTINGS, SettingError, check_settings, setting

WRONG = {
    "SBIR_WAREHOUSE_DIR": [
        "md:x",
        "motherduck:x",
        "./md:x",
        "s3://bucket/x",
        "postgres:dbname=x",
        ":memory:",
        " ",
        "~/x",
    ],
    "SBIR_MEMORY_LIMIT": ["much", "2", "-2GB", "80%", "0GB", "0.0MB"],
    "SBIR_THREADS": ["0", "two", "2.5", "10000", " "],
    "SBIR_KEEP_VERSIONS": ["0", "-1", "many"],
    "SBIR_KEEP_RUNS": ["0", "many"],
    "SBIR_ALERT_COMMAND": ["mail 'x", " "],
    **{
        name: ["70", "-0.1", "1.5", "seventy", "nan", "1e-1", " ", "0.7\n", "."]
        for name in SETTINGS
        if name.startswith(("SBIR_MIN_", "SBIR_MAX_"))
    },
}


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in WRONG.items() for value in values])
def test_a_wrong_value_is_refused(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingError) as refused:
        check_settings()
    assert refused.value.format_message().startswith(f"{name}={value!r} is not a ")
    assert "\n" not in refused.value.format_message()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("SBIR_MIN_MATCH_RATE", value) for value in ("0", "1", "1.0", "0.7", ".7", "0.")),
        *(("SBIR_WAREHOUSE_DIR", value) for value in ("wh", "/a:b/c", "a/md:x", "with blank", "$x`y`")),
        *(("SBIR_MEMORY_LIMIT", value) for value in ("2GB", " 1.5 gb", "0.5GiB")),
    ],
)
def test_a_right_value_is_taken(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    check_settings()
    assert setting(name) == value


@pytest.mark.parametrize("name", SETTINGS)
def test_empty_means_the_default(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "")
    check_settings()
    assert setting(name) == SETTINGS[name].default


@pytest.mark.parametrize(
    ("name", "closest"),
    [
        ("SBIR_MIN_MATCH_RAT", "SBIR_MIN_MATCH_RATE"),
        ("sbir_threads", "SBIR_THREADS"),
        ("SBIR_WAREHOUSE", "SBIR_WAREHOUSE_DIR"),
    ],
)
def test_an_unknown_setting_is_refused_with_the_closest(
    monkeypatch: pytest.MonkeyPatch, name: str, closest: str
) -> None:
    monkeypatch.setenv(name, "1")
    with pytest.raises(SettingError, match=f"^{name} is not a setting; the closest is {closest}[.]"):
        check_settings()


def test_a_build_refuses_in_one_line_before_it_begins(warehouse: Warehouse) -> None:
    for name, value in {"SBIR_MIN_MATCH_RATE": "70", "SBIR_MIN_MATCH_RAT": "0.7"}.items():
        done = warehouse.run("scripts/build.py", **{name: value})
        assert done.exit_code == 2
        assert done.output.startswith(f"Error: {name}")
        assert len(done.output.splitlines()) == 1
    assert not any(path for path in warehouse.folder.iterdir() if path.name != "target")


def test_every_script_is_run_by_what_checks_the_settings() -> None:
    scripts = [*(PROJECT / "scripts").glob("*.py")]
    assert len(scripts) > 10
    assert [script.name for script in scripts if "    run_command(" not in script.read_text(encoding="utf-8")] == []


def test_dbt_takes_empty_for_the_default_and_refuses_what_scripts_refuse(sample_copy: Warehouse) -> None:
    limit = ("compile", "--inline", "limit {{ threshold('min_match_rate') }}")
    assert "limit 0.7\n" in sample_copy.dbt(*limit, SBIR_MIN_MATCH_RATE="").output
    unknown = sample_copy.dbt(*limit, SBIR_MIN_MATCH_RAT="0.7")
    assert unknown.exit_code == 2
    assert "SBIR_MIN_MATCH_RAT is not a setting; the closest is SBIR_MIN_MATCH_RATE." in unknown.output
    profile = yaml.safe_load((PROJECT / "profiles" / "profiles.yml").read_text(encoding="utf-8"))
    path = Template(profile["sbir_recipients"]["outputs"]["dev"]["path"])
    for folder, file in {"": "warehouse/build.duckdb", "wh": "wh/build.duckdb"}.items():
        assert path.render(env_var=lambda _name, _default, folder=folder: folder) == file

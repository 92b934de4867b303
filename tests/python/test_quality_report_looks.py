"""The quality report with a hundred runs behind it, and whether everybody can tell what its charts show."""

import re
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

import duckdb
import numpy as np
import numpy.typing as npt
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from browser_pages import chromium, opened
from conftest import Warehouse
from reporting.charts import CHARTS, LINKED, METHODS, STAGES, STATUSES, VERDICTS
from reporting.data import collect
from reporting.page import FOLDER, LISTINGS, render_page

Vector = npt.NDArray[np.float64]
RUNS = 100
THEMES = ("light", "dark")
# A run a day before the one on record; one of ten fails its match rate and raises an alert. Changes and slices have
# a few rows of their own.
HISTORY = f"""
    create temp table last as from observability.runs order by started_at desc limit 1;
    create temp table days as select range as day, 'day ' || range as run_id from range(1, {RUNS});
    insert into observability.runs by name
    select last.* replace (
        days.run_id as run_id, started_at - to_days(cast(day as integer)) as started_at,
        match_rate - day % 10 / 100 as match_rate
    ) from last, days;
    insert into observability.gates by name
    select gates.* replace (
        days.run_id as run_id, value - day % 10 / 100 as value,
        case when day % 10 > 0 or gate <> 'match_rate' then verdict else 'failed' end as verdict
    )
    from observability.gates as gates, days where gates.run_id = (select run_id from last);
    insert into observability.nodes by name
    select nodes.* replace (days.run_id as run_id)
    from observability.nodes as nodes, days where nodes.run_id = (select run_id from last);
    insert into observability.alerts by name
    select
        days.run_id, started_at - to_days(cast(day as integer)) as raised_at, 'slow' as rule, 'warning' as severity,
        'the run' as subject, 'seconds' as measure, 9 as value, 5 as threshold, 'took <b>9 s</b>' as message
    from last, days where day % 10 = 0;
    create or replace table quality.rpt_link_changes as
    select 'lost' as change, 'award gone' as reason, award_amount from enrichment.enriched_sbir_awards limit 7;
    create or replace table quality.rpt_validation_slices as
    select
        1 as slice_rank, 'state' as dimension, 'TX' as dimension_value, 40 as awards, 0.6249 as match_rate,
        0.94961 as precision, 0.9 as precision_lower, 1 as completeness, 'failed' as verdict,
        'too few' as message
"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def long_report(sample_copy: Warehouse, tmp_path: Path) -> Path:
    """The page of a warehouse with a hundred runs, and with changes and slices."""
    sample_copy.published.chmod(0o640)
    with duckdb.connect(sample_copy.published) as connection:
        connection.execute(HISTORY)
        report = collect(connection)
    file = tmp_path / "index.html"
    file.write_text(render_page(report), encoding="utf-8")
    return file


@pytest.mark.parametrize("theme", THEMES)
def test_a_hundred_runs_are_drawn_and_told(browser: Browser, long_report: Path, theme: str) -> None:
    troubles: list[str] = []
    page = opened(browser, long_report, troubles, color_scheme=theme)
    drawn = {
        name: page.locator(f"[data-chart={name}] svg .role-mark path").count()
        for name in ("match_rate", "precision", "memory", "gate_history")
    }
    gates = 5
    assert min(drawn.values()) >= RUNS
    assert drawn["gate_history"] == gates * RUNS
    for name in LISTINGS:
        assert page.locator(f"[data-table={name}] tbody tr").count() > 0, name
    assert page.locator("[data-table=alerts] tbody td").nth(3).inner_text() == "took <b>9 s</b>"
    slices = page.locator("[data-table=slices] tbody td").all_inner_texts()
    assert slices == ["state", "TX", "40", "62.49%", "94.96%", "100.00%", "failed", "too few"]
    assert Axe().run(page).violations_count == 0
    assert long_report.stat().st_size < 5e6
    page.close()
    assert troubles == []


def test_numbers_of_runs_are_told_to_the_hundredth_of_a_percent(browser: Browser, long_report: Path) -> None:
    page = opened(browser, long_report, [])
    figure = page.locator("[data-chart=match_rate]")
    figure.locator("summary").click()
    figure.locator("tbody td").first.wait_for()
    cells = figure.locator("tbody tr").last.locator("td").all_inner_texts()
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d", cells[0])
    assert cells[1:] == ["0.86", "0.7", "1,500"]
    figure = page.locator("[data-chart=gate_history]")
    figure.locator("summary").click()
    figure.locator("tbody td").first.wait_for()
    assert figure.locator("tbody tr").count() == 400
    assert figure.locator("caption").inner_text() == "Gates, the last 400 of 500"
    page.close()


def test_long_tables_say_of_how_many_they_are_the_first(
    sample_copy: Warehouse, browser: Browser, tmp_path: Path
) -> None:
    with duckdb.connect(sample_copy.published, read_only=True) as connection:
        report = collect(connection)
    report.tables["largest_unmatched"] = report.tables["largest_unmatched"][:20]
    file = tmp_path / "index.html"
    file.write_text(render_page(report), encoding="utf-8")
    page = opened(browser, file, [])
    count = page.locator("[data-table=largest_unmatched] .count")
    assert count.inner_text() == "20 shown of 20; these are the first 20 of 210"
    page.close()


# What a text of a chart is written in, and what is behind it: the panel, as the chart has no ground of its own.
TEXTS = """
    [...document.querySelectorAll("[data-chart] svg")].flatMap((svg) => [...svg.querySelectorAll("text")].map(
        (text) => ({
        chart: svg.closest("[data-chart]").dataset.chart, text: text.textContent, ink: getComputedStyle(text).fill,
        ground: svg.style.backgroundColor, panel: getComputedStyle(svg.closest("[data-chart]")).backgroundColor,
        isCut: text.getBoundingClientRect().right > svg.getBoundingClientRect().right + 1,
        })
    ))
"""


@pytest.mark.parametrize("theme", THEMES)
def test_text_of_charts_can_be_read(browser: Browser, long_report: Path, theme: str) -> None:
    page = opened(browser, long_report, [], color_scheme=theme)
    texts = page.evaluate(TEXTS)
    assert {text["chart"] for text in texts} == CHARTS.keys()
    for text in texts:
        assert text["ground"] == "transparent"
        assert contrast(rgb(text["ink"]), rgb(text["panel"])) >= 4.5, text
        assert not text["isCut"], text
    page.close()


def test_colours_stand_out_from_both_panels() -> None:
    panels = re.findall(r"--panel: (#[0-9a-f]{6})", (FOLDER / "style.css").read_text())
    assert len(panels) == len(THEMES)
    for colour in {*METHODS.values(), *STATUSES.values(), *STAGES.values(), *VERDICTS.values(), *LINKED.values()}:
        for panel in panels:
            assert contrast(hexadecimal(colour), hexadecimal(panel)) >= 3, (colour, panel)


@pytest.mark.parametrize("vision", ["any", "without green", "without red"])
@pytest.mark.parametrize("names", [METHODS, STATUSES, STAGES, VERDICTS, LINKED])
def test_colours_of_a_chart_differ_for_everybody(names: dict[str, str], vision: str) -> None:
    for one, other in combinations(names, 2):
        difference = seen(hexadecimal(names[one]), vision) - seen(hexadecimal(names[other]), vision)
        assert np.linalg.norm(difference) >= 0.05, (one, other)


def hexadecimal(colour: str) -> Vector:
    return np.array([int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)])


def rgb(colour: str) -> Vector:
    return np.array([int(part) / 255 for part in re.findall(r"\d+", colour)[:3]])


def light(colour: Vector) -> Vector:
    """Amounts of light of an sRGB colour."""
    return np.where(colour <= 0.04045, colour / 12.92, ((colour + 0.055) / 1.055) ** 2.4)


def contrast(one: Vector, other: Vector) -> float:
    """Contrast ratio of two sRGB colours, as WCAG defines it."""
    dark, bright = sorted(float(light(colour) @ np.array([0.2126, 0.7152, 0.0722])) for colour in (one, other))
    return (bright + 0.05) / (dark + 0.05)


# What people without green or red cones see, by Machado, Oliveira and Fernandes (2009).
VISIONS = {
    "any": np.eye(3),
    "without green": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]]
    ),
    "without red": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
}


def seen(colour: Vector, vision: str) -> Vector:
    """An sRGB colour in Oklab, where equal distances look equally far."""
    amounts = np.clip(VISIONS[vision] @ light(colour), 0, 1)
    cones = np.array(
        [
            [0.4122214708, 0.5363325363, 0.0514459929],
            [0.2119034982, 0.6806995451, 0.1073969566],
            [0.0883024619, 0.2817188376, 0.6299787005],
        ]
    )
    axes = np.array(
        [
            [0.2104542553, 0.7936177850, -0.0040720468],
            [1.9779984951, -2.4285922050, 0.4505937099],
            [0.0259040371, 0.7827717662, -0.8086757660],
        ]
    )
    return np.asarray(axes @ np.cbrt(cones @ amounts))

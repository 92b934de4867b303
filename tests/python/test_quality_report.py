"""The quality report: every number is the query that it claims; the page works in a browser, for everybody."""

import json
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from browser_pages import chromium, opened
from conftest import Warehouse
from reporting.charts import CHARTS, FILTERED
from reporting.data import CUBES, FIGURES, TABLES, collect, plain
from reporting.page import CARDS, LISTINGS, SECTIONS, render_page
from reporting.text import figure_text, render_markdown

HOSTILE = """</script><script>window.broken = 1</script><img src=x onerror="window.broken = 1">"""
MATCHED = "count(*) filter (where _usaspending_match_status = 'matched')"


@pytest.fixture(scope="module")
def report_folder(built_sample: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What make report writes of the sample."""
    folder = tmp_path_factory.mktemp("report")
    done = built_sample.run("scripts/quality_report.py", "--output", str(folder))
    assert done.exit_code == 0, done.output
    assert done.output.startswith(f"Report: {folder / 'index.html'}")
    return folder


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def page(browser: Browser, report_folder: Path) -> Iterator[Page]:
    troubles: list[str] = []
    page = opened(browser, report_folder / "index.html", troubles)
    yield page
    page.close()
    assert troubles == []


def chosen(page: Page) -> str:
    return page.locator("#selection").inner_text()


def drawn(page: Page) -> dict[str, str]:
    """The drawing of each chart."""
    return {name: page.locator(f"[data-chart={name}] .plot").inner_html() for name in CHARTS}


def test_every_number_is_what_its_query_says(built_sample: Warehouse, report_folder: Path) -> None:
    report = json.loads((report_folder / "report.json").read_text())
    assert report["numbers"].keys() == FIGURES.keys()
    for key, number in report["numbers"].items():
        assert [(number["value"],)] == [
            (plain(value),) for (value,) in built_sample.query(number["sql"], published=True)
        ], key
    for key, table in report["tables"].items():
        if not table["rows"]:
            continue
        rows = built_sample.query(table["sql"], published=True)
        assert [list(row.values()) for row in table["rows"]] == [plain(list(row)) for row in rows], key


def test_numbers_of_the_sample_are_known(report_folder: Path) -> None:
    numbers = json.loads((report_folder / "report.json").read_text())["numbers"]
    values = {key: number["value"] for key, number in numbers.items()}
    assert (values["awards"], values["matched_awards"], values["gates_passed"], values["gates"]) == (1500, 1290, 4, 4)
    assert (values["runs"], values["alerts"], values["published_version"]) == (1, 0, 1)
    assert all(value is not None for value in values.values())


def test_cubes_add_up_to_the_totals(built_sample: Warehouse) -> None:
    ((awards, dollars),) = built_sample.query(
        "select count(*), sum(award_amount) from enrichment.enriched_sbir_awards", published=True
    )
    with duckdb.connect(built_sample.published, read_only=True) as connection:
        cubes = collect(connection).cubes
    for name in ("outcomes", "states"):
        assert sum(row["awards"] for row in cubes[name]) == awards
        assert sum(row["dollars"] for row in cubes[name]) == dollars
    assert cubes.keys() == CUBES.keys()
    assert 0 < sum(row["awards"] for row in cubes["scores"]) <= awards


def test_markdown_has_the_numbers_and_no_markup_of_others(built_sample: Warehouse, report_folder: Path) -> None:
    text = (report_folder / "report.md").read_text()
    assert text.startswith("## 86.00% of 1,500 awards are linked\n\n**SAMPLE: the awards are invented.**\n")
    assert "| Awards linked to a recipient | 1,290 |" in text
    with duckdb.connect(built_sample.published, read_only=True) as connection:
        report = collect(connection)
    report.tables["alerts"] = [{"message": "a|b <b>*x*</b> [y](z)\nnext"}]
    assert r"| a\|b \<b\>\*x\*\</b\> \[y\](z) next |" in render_markdown(report)


@pytest.mark.parametrize(
    ("key", "value", "text"),
    [
        ("awards", 219500, "219,500"),
        ("match_rate", 0.88418, "88.42%"),
        ("award_amount", 170105371000, "$170.11 billion"),
        ("award_amount", 9.5e6, "$9.50 million"),
        ("award_amount", 950000, "$950,000"),
        ("last_run_seconds", 61.55, "61.5 s"),
        ("last_run_peak_memory_mb", 1880.4, "1,880 MB"),
        ("precision", None, "unknown"),
    ],
)
def test_how_numbers_read(key: str, value: float | None, text: str) -> None:
    assert figure_text(key, value) == text


def test_tables_that_are_not_there_yet_are_empty(sample_copy: Warehouse) -> None:
    sample_copy.published.chmod(0o640)
    with duckdb.connect(sample_copy.published) as connection:
        for table in ("runs", "nodes", "gates", "alerts", "publication"):
            connection.execute(f"drop table observability.{table}")
        report = collect(connection)
    assert report.figures["alerts"] is None
    assert report.tables["run_trend"] == report.tables["alerts"] == []
    assert "not published" in render_page(report)


@pytest.mark.parametrize("arguments", [(), ("--working",)])
def test_nothing_to_report_on_is_one_line(warehouse: Warehouse, arguments: tuple[str, ...]) -> None:
    done = warehouse.run("scripts/quality_report.py", *arguments)
    assert done.exit_code == 2
    (line,) = done.output.splitlines()
    assert line.endswith("Make it with: make build")


def test_file_without_a_build_is_one_line(warehouse: Warehouse) -> None:
    warehouse.execute("select 1")
    done = warehouse.run("scripts/quality_report.py", "--working")
    assert done.exit_code == 2
    (line,) = done.output.splitlines()
    assert "cannot be reported on" in line


def test_working_file_is_reported_on_where_nothing_is_published(sample_copy: Warehouse, tmp_path: Path) -> None:
    sample_copy.published.unlink()
    done = sample_copy.run("scripts/quality_report.py", "--working", "--output", str(tmp_path))
    assert done.exit_code == 0, done.output
    assert "The working file, not published." in (tmp_path / "index.html").read_text()


def test_page_is_one_small_file(report_folder: Path) -> None:
    assert (report_folder / "index.html").stat().st_size < 5e6
    assert {file.name for file in report_folder.iterdir()} == {"index.html", "report.md", "report.json"}


def test_every_chart_is_drawn(page: Page) -> None:
    for name in CHARTS:
        figure = page.locator(f"[data-chart={name}]")
        marks = figure.locator("svg .role-mark path")
        assert marks.count() > 0, name
        assert figure.locator(".empty").is_hidden(), name


def test_cards_show_the_numbers(page: Page, report_folder: Path) -> None:
    numbers = json.loads((report_folder / "report.json").read_text())["numbers"]
    cards = page.locator("[data-number]")
    shown = {card.get_attribute("data-number"): card for card in cards.all()}
    assert shown.keys() == CARDS.keys()
    for key, card in shown.items():
        assert key is not None
        assert card.inner_text() == figure_text(key, numbers[key]["value"])
        assert card.get_attribute("value") == str(numbers[key]["value"])


@pytest.mark.parametrize(
    ("choice", "where"),
    [
        ({}, "true"),
        ({"agency": "Department of Energy"}, "agency = 'Department of Energy'"),
        ({"phase": "Phase II"}, "phase = 'Phase II'"),
        ({"from": "2015", "to": "2018"}, "award_year between 2015 and 2018"),
        (
            {"agency": "Department of Defense", "phase": "Phase I", "from": "2020"},
            "agency = 'Department of Defense' and phase = 'Phase I' and award_year >= 2020",
        ),
    ],
)
def test_filters_select_what_the_query_selects(
    page: Page, built_sample: Warehouse, choice: dict[str, str], where: str
) -> None:
    before = drawn(page)
    for name, value in choice.items():
        page.locator(f"select[name={name}]").select_option(value)
    ((awards, matched, dollars, linked),) = built_sample.query(
        f"""select count(*), {MATCHED}, sum(award_amount)::bigint,
        sum(award_amount) filter (where _usaspending_match_status = 'matched')::bigint
        from enrichment.enriched_sbir_awards where {where}""",
        published=True,
    )
    rate = float(str(matched)) / float(str(awards))
    expected = f"Selected: {awards:,} awards, {matched:,} linked ({rate:.2%}), ${linked:,} of ${dollars:,}"
    assert chosen(page) == expected
    page.wait_for_timeout(500)
    after = drawn(page)
    assert {name for name in CHARTS if before[name] != after[name]} == (set(FILTERED) if choice else set())
    page.get_by_role("button", name="Show all").click()
    page.wait_for_function("document.getElementById('selection').textContent.startsWith('Selected: 1,500 awards')")


def test_numbers_of_a_chart_are_those_of_the_query(page: Page, built_sample: Warehouse) -> None:
    figure = page.locator("[data-chart=reasons_by_awards]")
    figure.locator("summary").click()
    figure.locator("tbody td").first.wait_for()
    cells = figure.locator("tbody td").all_inner_texts()
    rows = built_sample.query(
        """select _usaspending_unmatched_reason, count(*) from enrichment.enriched_sbir_awards
        where _usaspending_unmatched_reason is not null group by all""",
        published=True,
    )
    assert dict(zip(cells[::2], cells[1::2], strict=True)) == {str(reason): str(count) for reason, count in rows}


def test_search_and_sort_change_the_table(page: Page, built_sample: Warehouse) -> None:
    listing = page.locator("[data-table=largest_unmatched]")
    rows = listing.locator("tbody tr")
    everything = rows.count()
    ((company, state),) = built_sample.query(
        """select company_name, state from enrichment.enriched_sbir_awards where _usaspending_match_status <> 'matched'
        order by award_amount desc nulls last, award_key limit 1""",
        published=True,
    )
    assert rows.first.locator("td").all_inner_texts()[:2] == [company, state]
    listing.get_by_role("searchbox").fill(str(company).lower())
    assert 0 < rows.count() < everything
    assert all(str(company) in row for row in rows.all_inner_texts())
    assert listing.locator(".count").inner_text() == f"{rows.count()} shown of {everything}"
    listing.get_by_role("searchbox").fill("")
    head = listing.get_by_role("button", name="Company")
    head.focus()
    page.keyboard.press("Enter")
    names = rows.locator("td:first-child").all_inner_texts()
    # Awards without a name come last, whatever the order.
    in_order = """all => (names => names.every((name, at) => at === 0 || names[at - 1].localeCompare(name, 'en') <= 0))
        (all.filter(name => name))"""
    assert page.evaluate(in_order, names)
    assert head.locator("xpath=..").get_attribute("aria-sort") == "ascending"
    page.keyboard.press("Enter")
    assert page.evaluate(in_order, rows.locator("td:first-child").all_inner_texts()[::-1])
    assert head.locator("xpath=..").get_attribute("aria-sort") == "descending"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_either_theme(browser: Browser, report_folder: Path, scheme: str) -> None:
    troubles: list[str] = []
    page = opened(browser, report_folder / "index.html", troubles, color_scheme=scheme)
    assert page.locator("html").get_attribute("data-theme") == scheme
    page.locator("[data-chart=states] summary").click()
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.get_by_role("button", name="Dark").click()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != ground
    page.close()
    assert troubles == []


@pytest.mark.parametrize("width", [390, 640, 1280])
def test_page_fits_its_window(browser: Browser, report_folder: Path, width: int) -> None:
    """640 pixels are a window of 1,280 at 200 % zoom."""
    troubles: list[str] = []
    page = opened(browser, report_folder / "index.html", troubles, viewport={"width": width, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    for plot in page.locator(".plot svg").all():
        box = plot.bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
    page.locator("select[name=phase]").select_option("Phase I")
    assert "Selected:" in chosen(page)
    page.close()
    assert troubles == []


def test_keyboard_reaches_the_content_first(page: Page) -> None:
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.getElementById('main').contains(document.activeElement)")


def test_print_has_every_section_on_white(page: Page) -> None:
    page.emulate_media(media="print")
    assert page.locator(".filters").is_hidden()
    assert page.locator("[data-chart=states]").is_visible()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert len(page.pdf()) > 10_000


def test_hostile_names_are_text(browser: Browser, sample_copy: Warehouse, tmp_path: Path) -> None:
    sample_copy.published.chmod(0o640)
    with duckdb.connect(sample_copy.published) as connection:
        connection.execute(
            "update enrichment.enriched_sbir_awards set company_name = ?, agency = ?, state = ?", [HOSTILE] * 3
        )
        connection.execute("update quality.rpt_review_queue set candidate_recipient_name = ?", [HOSTILE])
        connection.execute("update observability.loads set file_name = ?", [HOSTILE])
        report = collect(connection)
    file = tmp_path / "index.html"
    file.write_text(render_page(report), encoding="utf-8")
    troubles: list[str] = []
    page = opened(browser, file, troubles)
    assert page.evaluate("window.broken") is None
    assert page.locator("[data-table=largest_unmatched] tbody td").first.inner_text() == HOSTILE
    assert HOSTILE in page.locator(".origin").inner_text()
    page.close()
    assert troubles == []


def test_every_table_and_chart_has_its_place() -> None:
    assert sorted(name for section in SECTIONS for name in section.get("charts", [])) == sorted(CHARTS)
    assert sorted(name for section in SECTIONS for name in section.get("tables", [])) == sorted(LISTINGS)
    assert set(LISTINGS) <= set(TABLES)

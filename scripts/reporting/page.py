"""The quality report as one HTML file that needs nothing else."""

import json
from pathlib import Path
from typing import Any

import vl_convert
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from reporting.charts import CHARTS, FILTERED, METHODS, chart_specs
from reporting.data import FIGURES, TABLES, Report, plain
from reporting.text import figure_text

FOLDER = Path(__file__).with_name("template")
# What of a cube is counted; the rest is what it is counted by.
MEASURES = ("awards", "dollars")
SECTIONS: list[dict[str, Any]] = [
    {
        "id": "links",
        "title": "How awards are linked",
        "charts": ["methods_by_year", "methods_by_agency", "scores", "states"],
    },
    {
        "id": "missing",
        "title": "What is not linked",
        "charts": ["reasons_by_awards", "reasons_by_dollars"],
        "tables": ["largest_unmatched", "review_queue"],
    },
    {
        "id": "over-time",
        "title": "Over runs",
        "note": "Each make build and each dbt command is a run; the filters do not touch these.",
        "charts": ["match_rate", "precision", "gate_history", "stage_seconds", "memory", "model_seconds"],
    },
    {"id": "gates", "title": "Gates and alerts", "tables": ["gates", "alerts"]},
    {"id": "slices", "title": "Slices and changes", "tables": ["slices", "link_changes"]},
]
CARDS = {
    "match_rate": "at least {min_match_rate} is needed",
    "awards": "of {firms} firms",
    "matched_award_amount": "of {award_amount}",
    "precision": "at least {precision_lower} (95 %), by {judged_firms} firms whose recipient is known",
    "review_awards": "{ambiguous_awards} more are ambiguous",
    "gates_passed": "of {gates}",
    "alerts": "by the rules of seeds/alert_rules.csv",
    "last_run_seconds": "{last_run_peak_memory_mb} of memory at its peak",
}
# Column, its heading and, of numbers and moments, their form in the page.
LISTINGS: dict[str, list[tuple[str, str, str | None]]] = {
    "largest_unmatched": [
        ("company_name", "Company", None),
        ("state", "State", None),
        ("agency", "Agency", None),
        ("phase", "Phase", None),
        ("award_year", "Year", "year"),
        ("award_amount", "Dollars", "dollars"),
        ("contract_number", "Award number", None),
        ("match_status", "Status", None),
        ("unmatched_reason", "Reason", None),
    ],
    "review_queue": [
        ("queue_rank", "Rank", "count"),
        ("company_name", "Company", None),
        ("company_state", "State", None),
        ("award_count", "Awards", "count"),
        ("award_amount", "Dollars", "dollars"),
        ("match_status", "Status", None),
        ("candidate_recipient_name", "Best candidate", None),
        ("candidate_recipient_state", "Its state", None),
        ("candidate_score", "Score", "decimal"),
    ],
    "gates": [
        ("gate", "Gate", None),
        ("verdict", "Verdict", None),
        ("value", "Value", "decimal"),
        ("threshold", "Threshold", "decimal"),
        ("message", "In words", None),
    ],
    "alerts": [
        ("raised_at", "Raised (UTC)", "moment"),
        ("severity", "Severity", None),
        ("rule", "Rule", None),
        ("message", "In words", None),
    ],
    "slices": [
        ("dimension", "By", None),
        ("dimension_value", "Slice", None),
        ("awards", "Awards", "count"),
        ("match_rate", "Match rate", "share"),
        ("precision", "Precision", "share"),
        ("completeness", "Completeness", "share"),
        ("verdict", "Verdict", None),
        ("message", "In words", None),
    ],
    "link_changes": [
        ("change", "Change", None),
        ("reason", "Reason", None),
        ("awards", "Awards", "count"),
        ("dollars", "Dollars", "dollars"),
    ],
}
# Long tables: searched, and touched by the filters; the figure that says of how many they show the first.
SEARCHED = {"largest_unmatched": "largest_unmatched_rows", "review_queue": "review_queue_rows"}


def render_page(report: Report) -> str:
    """Render the report.

    Args:
        report: what the warehouse says.

    Returns:
        An HTML document with its data, charts, styles and scripts in itself.
    """
    environment = Environment(loader=FileSystemLoader(FOLDER), autoescape=True, undefined=StrictUndefined)
    return environment.get_template("page.html.j2").render(
        style=(FOLDER / "style.css").read_text(encoding="utf-8"),
        script=(FOLDER / "page.js").read_text(encoding="utf-8"),
        library=vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;").replace("</script", r"<\/script"),
        data=_in_script(_data(report)),
        origin=_origin(report),
        cards=[_card(report, key, note) for key, note in CARDS.items() if report.figures[key] is not None],
        sections=[_section(section) for section in SECTIONS],
    )


def _data(report: Report) -> dict[str, Any]:
    return {
        "charts": chart_specs(),
        "filtered": FILTERED,
        "outcomes": list(METHODS),
        "cubes": {name: _pack(rows) for name, rows in report.cubes.items()},
        "tables": plain(report.tables),
        "listings": {
            name: {
                "columns": [{"name": column, "title": title, "form": form} for column, title, form in columns],
                "is_filtered": name in SEARCHED,
                "all": plain(report.figures[SEARCHED[name]]) if name in SEARCHED else None,
            }
            for name, columns in LISTINGS.items()
        },
    }


def _pack(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """A cube by columns: of what it is counted by, places in the list of levels; a tenth of the size of rows."""
    columns = list(rows[0]) if rows else []
    levels: dict[str, list[Any]] = {}
    values = []
    for column in columns:
        found = [plain(row[column]) for row in rows]
        if column not in MEASURES:
            levels[column] = list(dict.fromkeys(found))
            places = {level: place for place, level in enumerate(levels[column])}
            found = [places[value] for value in found]
        values.append(found)
    return {"columns": columns, "levels": levels, "values": values}


def _in_script(data: object) -> str:
    """Data as JSON that cannot end the script element that holds it, whatever names say."""
    text = json.dumps(data, ensure_ascii=True, separators=(",", ":"))
    return text.replace("<", r"\u003c").replace(">", r"\u003e").replace("&", r"\u0026")


def _origin(report: Report) -> str:
    figures = report.figures
    sources = figures["sources"] or "nothing that is named"
    sample = "SAMPLE: the awards are invented. " if figures["is_sample"] else ""
    if figures["published_version"] is None:
        return f"{sample}The working file, not published. Made from {sources}."
    return (
        f"{sample}Version {figures['published_version']}, published {figures['published_at']} UTC. Made from {sources}."
    )


def _card(report: Report, key: str, note: str) -> dict[str, object]:
    texts = {name: figure_text(name, report.figures[name]) for name in FIGURES}
    return {
        "key": key,
        "title": FIGURES[key].title,
        "value": plain(report.figures[key]),
        "text": texts[key],
        "note": note.format(**texts),
        "tone": _tone(report.figures, key),
    }


def _tone(figures: dict[str, Any], key: str) -> str:
    verdicts = {
        "match_rate": lambda: figures["match_rate"] >= figures["min_match_rate"],
        "gates_passed": lambda: figures["gates_passed"] == figures["gates"],
        "alerts": lambda: figures["alerts"] == 0,
    }
    if key not in verdicts:
        return ""
    return "good" if verdicts[key]() else "bad"


def _section(section: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": section["id"],
        "title": section["title"],
        "note": section.get("note"),
        "charts": [
            {"name": name, "title": CHARTS[name][0], "text": CHARTS[name][1], "is_filtered": name in FILTERED}
            for name in section.get("charts", [])
        ],
        "tables": [
            {"name": name, "title": TABLES[name].title, "has_search": name in SEARCHED}
            for name in section.get("tables", [])
        ],
    }

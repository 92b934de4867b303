"""How the numbers of the quality report read, and the report as Markdown for a chat or a pull request."""

from typing import Any

from reporting.data import FIGURES, TABLES, Report

# Rows of a table that a chat shows.
SHOWN_ROWS = 10
MARKDOWN_TABLES = ("gates", "alerts", "link_changes", "slices")
MARKDOWN_FIGURES = (
    "match_rate",
    "awards",
    "matched_awards",
    "matched_award_amount",
    "award_amount",
    "precision",
    "precision_lower",
    "review_awards",
    "ambiguous_awards",
    "unmatched_awards",
    "last_run_seconds",
    "last_run_peak_memory_mb",
)
UNKNOWN = "unknown"


def figure_text(key: str, value: Any) -> str:  # noqa: ANN401
    """How a number of the report reads.

    Args:
        key: which, of `FIGURES`.
        value: what it is; None where it could not be asked.
    """
    if value is None:
        return UNKNOWN
    if FIGURES[key].unit == "dollars":
        return _dollars(float(value))
    forms = {
        "count": "{:,}",
        "share": "{:.2%}",
        "seconds": "{:,.1f} s",
        "megabytes": "{:,.0f} MB",
        "text": "{}",
    }
    return forms[FIGURES[key].unit].format(value)


def _dollars(value: float) -> str:
    for size, word in ((1e9, " billion"), (1e6, " million")):
        if abs(value) >= size:
            return f"${value / size:,.2f}{word}"
    return f"${value:,.0f}"


def render_markdown(report: Report) -> str:
    """Render the report in short.

    Args:
        report: what the warehouse says.

    Returns:
        Markdown: a headline, a table of numbers, and the tables that have rows.
    """
    figures = report.figures
    lines = [
        f"## {figure_text('match_rate', figures['match_rate'])} of "
        f"{figure_text('awards', figures['awards'])} awards are linked",
        "",
        *(["**SAMPLE: the awards are invented.**", ""] if figures["is_sample"] else []),
        "| | |",
        "|---|---:|",
        *(f"| {FIGURES[key].title} | {figure_text(key, figures[key])} |" for key in MARKDOWN_FIGURES),
    ]
    for name in MARKDOWN_TABLES:
        rows = report.tables[name][:SHOWN_ROWS]
        if rows:
            columns = list(rows[0])
            lines += ["", f"### {TABLES[name].title}", "", _row(columns), _row(["---"] * len(columns))]
            lines += [_row([_cell(row[column]) for column in columns]) for row in rows]
    return "\n".join(lines) + "\n"


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(value: object) -> str:
    """A value in a table of Markdown; names of companies are no markup."""
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.6g}"
    text = str(value).replace("\\", "\\\\")
    for sign in "|`*_[]<>#":
        text = text.replace(sign, f"\\{sign}")
    return " ".join(text.split())

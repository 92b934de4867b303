"""The charts of the quality report, made with Altair; the page gives them their rows."""

from typing import Any, TypeAlias

import altair as alt
import vl_convert

# Each stands out 3:1 from the panels of both themes, and any two differ for people who see red and green alike;
# rules by identifier are blue to green, rules by name purple. The tests hold both.
BLUE = "#0072B2"
GREEN = "#2A8F6F"
GOLD = "#BD8D14"
GREY = "#6C6C6C"
RED = "#C94A00"
METHODS = {
    "uei-exact": BLUE,
    "duns-exact": "#4EA0A4",
    "award-key-exact": GREEN,
    "firm-exact": "#759C61",
    "name-exact": "#985BCE",
    "name-fuzzy-auto": "#C36FDC",
    "reviewed": "#656FEE",
    "review": GOLD,
    "ambiguous": GREY,
    "unmatched": RED,
}
STATUSES = {"matched": BLUE, "review": GOLD, "ambiguous": GREY, "unmatched": RED}
STAGES = {"load": GOLD, "dbt": BLUE, "publish": GREEN}
VERDICTS = {"passed": GREEN, "failed": RED, "not judged": GREY}
LINKED = {"linked": BLUE, "not linked": RED}
WIDTH: Any = "container"
Chart: TypeAlias = alt.Chart | alt.LayerChart | alt.FacetChart


def _colors(names: dict[str, str], columns: int = 4) -> alt.Color:
    return alt.Color(
        "label:N",
        title=None,
        scale=alt.Scale(domain=list(names), range=list(names.values())),
        legend=alt.Legend(orient="top", columns=columns, labelLimit=120),
    )


def _time() -> alt.X:
    return alt.X("started_at:T", title="run (UTC)", axis=alt.Axis(labelOverlap=True, tickCount=6))


def _counts() -> alt.Axis:
    return alt.Axis(labelExpr="format(datum.value, '~s')", tickCount=5, tickMinStep=1)


def _dollars() -> alt.Axis:
    """Billions are B where money is meant, not the G of units of measurement."""
    return alt.Axis(labelExpr="replace(format(datum.value, '$~s'), 'G', 'B')", tickCount=5)


def _share_over_runs(name: str, title: str) -> Chart:
    """A share over runs: a line with points, and its threshold as a dashed line."""
    base = alt.Chart(alt.NamedData(name)).properties(width=WIDTH, height=220)
    share = alt.Y("share:Q", title=title, axis=alt.Axis(format=".1%"), scale=alt.Scale(zero=False))
    tooltip = [
        alt.Tooltip("started_at:T", title="run", format="%Y-%m-%d %H:%M"),
        alt.Tooltip("share:Q", title=title, format=".2%"),
        alt.Tooltip("threshold:Q", format=".2%"),
        alt.Tooltip("of:Q", title="of", format=","),
    ]
    line = base.mark_line(color=BLUE, point=alt.OverlayMarkDef(color=BLUE, size=36)).encode(
        _time(), share, tooltip=tooltip
    )
    limit = base.mark_line(color=RED, strokeDash=[6, 4], strokeWidth=2).encode(_time(), alt.Y("threshold:Q"))
    return alt.layer(line, limit)


def _stacked_by(name: str, column: str, title: str, *, is_horizontal: bool = False) -> Chart:
    axis = alt.Axis(format="%") if is_horizontal else _counts()
    amount: dict[str, Any] = {"stack": "normalize" if is_horizontal else "zero", "axis": axis}
    counted = "share of awards" if is_horizontal else "awards"
    # The names of categories leave less room beside them.
    columns = 2 if is_horizontal else 4
    tooltip = [
        alt.Tooltip(column, title=title),
        alt.Tooltip("label:N", title="outcome"),
        alt.Tooltip("awards:Q", format=","),
    ]
    if is_horizontal:
        short = "replace(datum.label, 'Department of ', '')"
        category = alt.Y(column, title=None, sort="-x", axis=alt.Axis(labelLimit=220, labelExpr=short))
        encoding: list[Any] = [category, alt.X("awards:Q", title=counted, **amount)]
    else:
        encoding = [
            alt.X(column, title=title, axis=alt.Axis(labelOverlap=True)),
            alt.Y("awards:Q", title=counted, **amount),
        ]
    chart: Chart = (
        alt.Chart(alt.NamedData(name))
        .mark_bar()
        .encode(*encoding, _colors(METHODS, columns), alt.Order("order:Q"), tooltip=tooltip)
        .properties(width=WIDTH, height=alt.Step(26) if is_horizontal else 260)
    )
    return chart


def _bars(name: str, column: str, value: str, title: str, form: str, axis: alt.Axis) -> Chart:
    chart: Chart = (
        alt.Chart(alt.NamedData(name))
        .mark_bar(color=BLUE)
        .encode(
            alt.X(f"{value}:Q", title=title, axis=axis),
            alt.Y(f"{column}:N", title=None, sort="-x", axis=alt.Axis(labelLimit=260)),
            tooltip=[alt.Tooltip(f"{column}:N"), alt.Tooltip(f"{value}:Q", title=title, format=form)],
        )
        .properties(width=WIDTH, height=alt.Step(24))
    )
    return chart


def _scores() -> Chart:
    histogram = (
        alt.Chart(alt.NamedData("scores"))
        .mark_bar()
        .encode(
            alt.X(
                "score:Q",
                bin="binned",
                title="score of the best candidate",
                scale=alt.Scale(domain=[70, 101], nice=False),
            ),
            alt.X2("score_end:Q"),
            alt.Y("awards:Q", title="awards", axis=_counts()),
            _colors(STATUSES),
            tooltip=[
                alt.Tooltip("score:Q"),
                alt.Tooltip("label:N", title="status"),
                alt.Tooltip("awards:Q", format=","),
            ],
        )
    )
    # The page gives it the colour of its theme.
    ink = alt.param(name="ink", value="black")
    limits = alt.Chart(alt.NamedData("score_thresholds"))
    rules = limits.mark_rule(strokeDash=[6, 4], strokeWidth=2, color=RED).encode(alt.X("value:Q"))
    labels = limits.mark_text(align="right", dx=-4, y=8, fontWeight="bold", color=ink).encode(
        alt.X("value:Q"), alt.Text("label:N")
    )
    return alt.layer(histogram, rules, labels).add_params(ink).properties(width=WIDTH, height=240)


def _states() -> Chart:
    chart: Chart = (
        alt.Chart(alt.NamedData("states"))
        .mark_bar()
        .encode(
            alt.X("state:N", title="state", sort=alt.EncodingSortField("all_awards", op="max", order="descending")),
            alt.Y("awards:Q", title="awards", axis=_counts()),
            _colors(LINKED),
            tooltip=[
                alt.Tooltip("state:N"),
                alt.Tooltip("label:N", title="which"),
                alt.Tooltip("awards:Q", format=","),
                alt.Tooltip("match_rate:Q", title="match rate", format=".1%"),
            ],
        )
        .properties(width=WIDTH, height=240)
    )
    return chart


def _stages_over_runs() -> Chart:
    chart: Chart = (
        alt.Chart(alt.NamedData("stage_seconds"))
        .mark_bar(size=5)
        .encode(
            _time(),
            alt.Y("seconds:Q", title="seconds"),
            _colors(STAGES),
            tooltip=[
                alt.Tooltip("started_at:T", title="run", format="%Y-%m-%d %H:%M"),
                alt.Tooltip("label:N", title="stage"),
                alt.Tooltip("seconds:Q", format=".1f"),
            ],
        )
        .properties(width=WIDTH, height=220)
    )
    return chart


def _memory_over_runs() -> Chart:
    base = alt.Chart(alt.NamedData("memory")).properties(width=WIDTH, height=220)
    peak = base.mark_line(color=BLUE, point=alt.OverlayMarkDef(color=BLUE, size=36)).encode(
        _time(),
        alt.Y("peak:Q", title="peak memory, MB"),
        tooltip=[
            alt.Tooltip("started_at:T", title="run", format="%Y-%m-%d %H:%M"),
            alt.Tooltip("peak:Q", title="peak MB", format=",.0f"),
            alt.Tooltip("limit:Q", title="limit MB", format=",.0f"),
        ],
    )
    limit = base.mark_line(color=RED, strokeDash=[6, 4], strokeWidth=2).encode(_time(), alt.Y("limit:Q"))
    return alt.layer(peak, limit)


def _gates_over_runs() -> Chart:
    chart: Chart = (
        alt.Chart(alt.NamedData("gate_history"))
        .mark_point(filled=True, size=90, opacity=1)
        .encode(
            _time(),
            alt.Y("gate:N", title=None),
            _colors(VERDICTS),
            alt.Shape(
                "label:N", title=None, scale=alt.Scale(domain=list(VERDICTS), range=["circle", "cross", "square"])
            ),
            tooltip=[
                alt.Tooltip("started_at:T", title="run", format="%Y-%m-%d %H:%M"),
                alt.Tooltip("gate:N"),
                alt.Tooltip("message:N"),
            ],
        )
        .properties(width=WIDTH, height=alt.Step(34))
    )
    return chart


# Title, and what it says to who cannot see it; in the order of the page.
CHARTS: dict[str, tuple[str, str]] = {
    "match_rate": ("Match rate over runs", "Line of the match rate of each run, with the gate's threshold."),
    "precision": (
        "Precision over runs",
        "Line of the lower bound of precision of each run, with the gate's threshold.",
    ),
    "methods_by_year": ("How awards are linked, by year", "Bars of awards by award year, split by method or status."),
    "methods_by_agency": ("How awards are linked, by agency", "Shares of methods and statuses for each agency."),
    "scores": ("Scores of the best candidates", "Histogram of scores, with the thresholds to accept and to review."),
    "reasons_by_awards": ("Why awards are not linked", "Bars of awards by reason."),
    "reasons_by_dollars": ("Dollars on these awards", "Bars of dollars by reason."),
    "states": ("Awards by state", "Bars of awards by state, linked and not linked."),
    "stage_seconds": ("Seconds of each run", "Bars of seconds by run and stage."),
    "memory": ("Peak memory of each run", "Line of peak memory by run, with the limit."),
    "model_seconds": ("Slowest models of the last full build", "Bars of seconds by model."),
    "gate_history": ("Gates", "Verdict of each gate in each run."),
}
# Charts that the filters change; the others are about whole runs.
FILTERED = (
    "methods_by_year",
    "methods_by_agency",
    "scores",
    "reasons_by_awards",
    "reasons_by_dollars",
    "states",
)


def chart_specs() -> dict[str, dict[str, Any]]:
    """The Vega specification of each chart; its rows go into the data sets that it names."""
    charts: dict[str, Chart] = {
        "match_rate": _share_over_runs("match_rate", "match rate"),
        "precision": _share_over_runs("precision", "lower bound of precision"),
        "methods_by_year": _stacked_by("methods_by_year", "year:O", "award year"),
        "methods_by_agency": _stacked_by("methods_by_agency", "agency:N", "agency", is_horizontal=True),
        "scores": _scores(),
        "reasons_by_awards": _bars("reasons_by_awards", "reason", "awards", "awards", ",", _counts()),
        "reasons_by_dollars": _bars("reasons_by_dollars", "reason", "dollars", "dollars", "$,.0f", _dollars()),
        "states": _states(),
        "stage_seconds": _stages_over_runs(),
        "memory": _memory_over_runs(),
        "model_seconds": _bars("model_seconds", "name", "seconds", "seconds", ".2f", alt.Axis(format="~g")),
        "gate_history": _gates_over_runs(),
    }
    # Heights follow the rows; widths and what is behind the marks follow the page.
    fitted: dict[str, Any] = {
        "autosize": {"type": "fit-x", "contains": "padding"},
        "background": "transparent",
        "config": {"view": {"stroke": None}},
    }
    return {name: vl_convert.vegalite_to_vega({**chart.to_dict(), **fitted}) for name, chart in charts.items()}

"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const root = document.documentElement;
  const NONE = "(none)";
  const counts = new Intl.NumberFormat("en-US");
  const shares = new Intl.NumberFormat("en-US", { style: "percent", minimumFractionDigits: 2, maximumFractionDigits: 2 });
  const dollars = new Intl.NumberFormat("en-US", { style: "currency", currency: "USD", maximumFractionDigits: 0 });
  const decimals = new Intl.NumberFormat("en-US", { maximumFractionDigits: 4 });
  const FORMS = { count: counts, share: shares, dollars, decimal: decimals, year: { format: String } };
  const views = new Map();

  // A cube comes as columns of numbers: those of a dimension point into its levels.
  const unpack = ({ columns, levels, values }) =>
    values[0].map((_, row) =>
      Object.fromEntries(columns.map((name, at) => [name, levels[name] ? levels[name][values[at][row]] : values[at][row]])));
  const cubes = Object.fromEntries(Object.entries(data.cubes).map(([name, cube]) => [name, cube.values.length ? unpack(cube) : []]));
  const tables = data.tables;
  const limits = Object.fromEntries(tables.thresholds.map((row) => [row.threshold, row.value]));

  const form = document.getElementById("filters");
  const fill = (name, values, chosen) => {
    const select = form.elements[name];
    for (const value of values) select.add(new Option(value, value, value === chosen, value === chosen));
  };
  const distinct = (rows, name) => [...new Set(rows.map((row) => row[name]))].filter((value) => value !== null).sort();
  const years = distinct(cubes.outcomes, "award_year");
  fill("agency", distinct(cubes.outcomes, "agency"));
  fill("phase", distinct(cubes.outcomes, "phase"));
  fill("from", years, years[0]);
  fill("to", years, years[years.length - 1]);

  const chosen = () => ({
    agency: form.elements.agency.value,
    phase: form.elements.phase.value,
    from: Number(form.elements.from.value),
    to: Number(form.elements.to.value),
  });
  const hasAllYears = ({ from, to }) => from === years[0] && to === years[years.length - 1];
  const isChosen = (row, filter) =>
    (!filter.agency || row.agency === filter.agency) && (!filter.phase || row.phase === filter.phase)
    && (hasAllYears(filter) || (row.award_year >= filter.from && row.award_year <= filter.to));

  const total = (rows, name) => rows.reduce((sum, row) => sum + row[name], 0);
  const grouped = (rows, keys, measures) => {
    const groups = new Map();
    for (const row of rows) {
      const key = JSON.stringify(keys.map((name) => row[name]));
      const group = groups.get(key) ?? { ...Object.fromEntries(keys.map((name) => [name, row[name]])), ...Object.fromEntries(measures.map((name) => [name, 0])) };
      for (const name of measures) group[name] += row[name];
      groups.set(key, group);
    }
    return [...groups.values()];
  };

  // The rows of each chart, for a selection.
  const ORDER = data.outcomes;
  const outcome = (row) => ({ ...row, label: row.method ?? row.status, year: row.award_year ?? NONE, agency: row.agency ?? NONE });
  const byOutcome = (name) => (pick) =>
    grouped(pick(cubes.outcomes).map(outcome), [name, "label"], ["awards"]).map((row) => ({ ...row, order: ORDER.indexOf(row.label) }));
  const byReason = (measure) => (pick) =>
    grouped(pick(cubes.outcomes).filter((row) => row.reason), ["reason"], [measure]).sort((one, other) => other[measure] - one[measure]);
  const overRuns = (gate) => () =>
    tables.gate_trend.filter((row) => row.gate === gate && row.value !== null && row.counted_of)
      .map((row) => ({ started_at: row.started_at, share: row.value, threshold: row.threshold, of: row.counted_of }));
  const byState = (pick) => {
    const rows = grouped(pick(cubes.states).map((row) => ({ ...row, state: row.state ?? NONE })), ["state", "is_matched"], ["awards"]);
    const all = new Map(grouped(rows, ["state"], ["awards"]).map((row) => [row.state, row.awards]));
    const linked = new Map(rows.filter((row) => row.is_matched).map((row) => [row.state, row.awards]));
    return rows.map((row) => ({
      state: row.state, label: row.is_matched ? "linked" : "not linked", awards: row.awards, all_awards: all.get(row.state),
      match_rate: (linked.get(row.state) ?? 0) / all.get(row.state),
    }));
  };
  const ROWS = {
    match_rate: overRuns("match_rate"),
    precision: overRuns("precision"),
    methods_by_year: byOutcome("year"),
    methods_by_agency: byOutcome("agency"),
    scores: (pick) => grouped(pick(cubes.scores).map((row) => ({ ...row, label: row.status })), ["score", "label"], ["awards"])
      .map((row) => ({ ...row, score_end: row.score + 1 })),
    reasons_by_awards: byReason("awards"),
    reasons_by_dollars: byReason("dollars"),
    states: byState,
    stage_seconds: () => tables.run_trend.flatMap((run) => ["load", "dbt", "publish"]
      .filter((stage) => run[`${stage}_seconds`] !== null)
      .map((stage) => ({ started_at: run.started_at, label: stage, seconds: run[`${stage}_seconds`] }))),
    memory: () => tables.run_trend.filter((run) => run.performance_peak_memory_mb !== null && run.dbt_seconds !== null)
      .map((run) => ({ started_at: run.started_at, peak: run.performance_peak_memory_mb, limit: run.memory_limit_mb })),
    model_seconds: () => tables.model_seconds.map((row) => ({ name: row.name, seconds: row.performance_duration_seconds })),
    gate_history: () => tables.gate_trend.map((row) => ({
      started_at: row.started_at, gate: row.gate, label: row.verdict, message: row.message,
    })),
  };
  const score_thresholds = [["accept_score", "accept"], ["review_score", "review"]].map(([name, label]) => ({ value: limits[name], label }));

  // Rows of a chart's table; the newest runs come last.
  const MOST_NUMBERS = 400;
  const toMinute = (moment) => moment.slice(0, 16);

  const element = (name, properties = {}, ...children) => {
    const made = Object.assign(document.createElement(name), properties);
    made.append(...children);
    return made;
  };

  const plainTable = (rows, caption) => {
    const shown = rows.slice(-MOST_NUMBERS);
    const part = shown.length < rows.length ? `, the last ${counts.format(shown.length)} of ${counts.format(rows.length)}` : "";
    const names = shown.length ? Object.keys(shown[0]).filter((name) => !["order", "score_end", "all_awards"].includes(name)) : [];
    const cell = (name, value) => {
      if (typeof value === "number" && name !== "year") return decimals.format(value);
      return name === "started_at" ? toMinute(value) : String(value ?? "");
    };
    return element("table", {}, element("caption", { className: part ? "" : "unseen", textContent: caption + part }),
      element("thead", {}, element("tr", {}, ...names.map((name) => element("th", { scope: "col", textContent: name.replaceAll("_", " ") })))),
      element("tbody", {}, ...shown.map((row) => element("tr", {}, ...names.map((name) => element("td", { textContent: cell(name, row[name]) }))))));
  };

  const themed = () => {
    const style = getComputedStyle(root);
    const [ink, quiet, line] = ["--ink", "--quiet", "--line"].map((name) => style.getPropertyValue(name).trim());
    return {
      font: "system-ui, sans-serif",
      axis: { labelColor: ink, titleColor: quiet, gridColor: line, domainColor: line, tickColor: line, labelFontSize: 12, titleFontWeight: 500 },
      legend: { labelColor: ink, titleColor: ink, labelFontSize: 12, symbolType: "square" },
    };
  };

  const pick = (filter) => (rows) => rows.filter((row) => isChosen(row, filter));
  const narrow = () => window.matchMedia("(max-width: 40rem)").matches;
  const fitted = (spec) => {
    const fit = structuredClone(spec);
    if (narrow()) {
      for (const legend of fit.legends ?? []) legend.columns = 2;
      for (const axis of fit.axes ?? []) if (axis.labelLimit) axis.labelLimit = 110;
    }
    return fit;
  };

  const showNumbers = (figure, rows) => {
    const holder = figure.querySelector(".numbers");
    const title = figure.querySelector("figcaption").firstChild.textContent.trim();
    if (figure.querySelector("details").open) holder.replaceChildren(plainTable(rows, title));
  };

  const draw = async (figure, filter) => {
    const name = figure.dataset.chart;
    const rows = ROWS[name](pick(filter));
    const plot = figure.querySelector(".plot");
    figure.querySelector(".empty").hidden = rows.length > 0;
    plot.hidden = rows.length === 0;
    showNumbers(figure, rows);
    views.get(name)?.finalize();
    views.delete(name);
    if (!rows.length) return;
    const spec = fitted(data.charts[name]);
    for (const signal of spec.signals ?? []) if (signal.name === "ink") signal.value = themed().axis.labelColor;
    for (const source of spec.data) {
      if (source.name === name) source.values = rows;
      if (source.name === "score_thresholds") source.values = score_thresholds;
    }
    views.set(name, await vegaEmbed(plot, spec, { mode: "vega", actions: false, renderer: "svg", config: themed() }));
  };

  const figures = [...document.querySelectorAll("[data-chart]")];
  const drawAll = (filter, which = figures) => Promise.all(which.map((figure) => draw(figure, filter)));
  for (const figure of figures) {
    figure.querySelector("details").addEventListener("toggle", () => showNumbers(figure, ROWS[figure.dataset.chart](pick(chosen()))));
  }

  // Tables: which rows, in which order.
  const listings = [...document.querySelectorAll("[data-table]")].map((place) => ({ place, name: place.dataset.table, ...data.listings[place.dataset.table], sorted: null, isDown: false, words: "" }));
  const touches = (row, filter) => {
    const agencies = row.agencies ?? [row.agency];
    const phases = row.phases ?? [row.phase];
    const [first, last] = [row.first_award_year ?? row.award_year, row.last_award_year ?? row.award_year];
    return (!filter.agency || agencies.includes(filter.agency)) && (!filter.phase || phases.includes(filter.phase))
      && (hasAllYears(filter) || (first <= filter.to && last >= filter.from));
  };
  const compare = (one, other) => {
    if (one === other) return 0;
    if (one === null || one === undefined) return 1;
    if (other === null || other === undefined) return -1;
    return typeof one === "number" ? one - other : String(one).localeCompare(String(other), "en");
  };
  const text = (column, value) => {
    if (value === null || value === undefined) return "";
    if (typeof value === "boolean") return value ? "yes" : "no";
    if (column.form === "moment") return toMinute(value);
    return FORMS[column.form] ? FORMS[column.form].format(value) : String(value);
  };
  const isNumber = (column) => column.form in FORMS;
  const tone = (column, value) => {
    if (typeof value === "boolean") return value ? "yes" : "no";
    return ["critical", "warning"].includes(value) ? value : isNumber(column) ? "number" : "";
  };
  const list = (listing, filter) => {
    const { place, columns } = listing;
    let rows = tables[listing.name];
    if (listing.is_filtered) rows = rows.filter((row) => touches(row, filter));
    if (listing.words) {
      const words = listing.words.toLowerCase();
      rows = rows.filter((row) => columns.some((column) => text(column, row[column.name]).toLowerCase().includes(words)));
    }
    if (listing.sorted) {
      rows = [...rows].sort((one, other) => compare(one[listing.sorted], other[listing.sorted]) * (listing.isDown ? -1 : 1));
    }
    place.querySelector("tbody").replaceChildren(...rows.map((row) => element("tr", {}, ...columns.map((column) =>
      element("td", { textContent: text(column, row[column.name]), className: tone(column, row[column.name]) })))));
    place.querySelector("thead").querySelectorAll("th").forEach((head, at) => {
      if (columns[at].name === listing.sorted) head.setAttribute("aria-sort", listing.isDown ? "descending" : "ascending");
      else head.removeAttribute("aria-sort");
    });
    const held = tables[listing.name].length;
    const all = listing.all ?? held;
    const part = all > held ? `; these are the first ${counts.format(held)} of ${counts.format(all)}` : "";
    place.querySelector(".count").textContent = held ? `${counts.format(rows.length)} shown of ${counts.format(held)}${part}` : "No such rows yet.";
    place.querySelector(".scroll").hidden = tables[listing.name].length === 0;
  };
  for (const listing of listings) {
    listing.place.querySelector("thead").append(element("tr", {}, ...listing.columns.map((column) => {
      const button = element("button", { type: "button", textContent: column.title });
      button.addEventListener("click", () => {
        listing.isDown = listing.sorted === column.name ? !listing.isDown : Boolean(column.form);
        listing.sorted = column.name;
        list(listing, chosen());
      });
      return element("th", { scope: "col", className: isNumber(column) ? "number" : "" }, button);
    })));
    listing.place.querySelector("input")?.addEventListener("input", (event) => {
      listing.words = event.target.value.trim();
      list(listing, chosen());
    });
  }

  const tell = (filter) => {
    const rows = pick(filter)(cubes.outcomes);
    const [awards, money] = [total(rows, "awards"), total(rows, "dollars")];
    const linked = rows.filter((row) => row.status === "matched");
    document.getElementById("selection").textContent = awards
      ? `Selected: ${counts.format(awards)} awards, ${counts.format(total(linked, "awards"))} linked (${shares.format(total(linked, "awards") / awards)}), ${dollars.format(total(linked, "dollars"))} of ${dollars.format(money)}`
      : "No award is in this selection.";
  };

  const filteredFigures = figures.filter((figure) => data.filtered.includes(figure.dataset.chart));
  const choose = () => {
    const filter = chosen();
    tell(filter);
    for (const listing of listings) list(listing, filter);
    return drawAll(filter, filteredFigures);
  };
  form.addEventListener("change", choose);
  form.addEventListener("reset", () => setTimeout(choose));
  form.addEventListener("submit", (event) => event.preventDefault());

  const button = document.getElementById("theme");
  const setTheme = (theme) => {
    root.dataset.theme = theme;
    button.setAttribute("aria-pressed", String(theme === "dark"));
  };
  setTheme(root.dataset.theme);
  button.addEventListener("click", () => {
    setTheme(root.dataset.theme === "dark" ? "light" : "dark");
    drawAll(chosen());
  });
  // What is printed is on white.
  const printed = { theme: null };
  window.addEventListener("beforeprint", () => { printed.theme = root.dataset.theme; setTheme("light"); drawAll(chosen()); });
  window.addEventListener("afterprint", () => { setTheme(printed.theme); drawAll(chosen()); });

  tell(chosen());
  for (const listing of listings) list(listing, chosen());
  drawAll(chosen()).then(() => {
    root.dataset.drawn = "yes";
    performance.mark("drawn");
  });
})();

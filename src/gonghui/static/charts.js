// Draws a table that says so as a chart above it (Apache ECharts, ADR 63): <table data-chart="bars" data-chart-of="期末">.
// Every number is read from the table's own cells, found by their data-label; without this file there is the table alone.
//   data-chart        bars (a bar a row) or line (from the last row to the first)
//   data-chart-of     the column that is drawn; with data-chart-part and -rest, the bar is divided into these two
//   data-chart-also   a column that the tooltip says, too
// A row's bar leads where the row leads: to the link in its first cell, else that of the drawn number, else its last.
(() => {
  "use strict";
  const MOST = 20; // bars; the table has the others
  const PAPER = 640; // CSS pixels, which fit A4 upright and across
  const BAR = 26, LINE_HEIGHT = 180, NARROW = 480;
  const style = getComputedStyle(document.documentElement);
  const token = (name) => style.getPropertyValue(`--g-${name}`).trim();
  const said = (number) => number === null ? "-" : number.toLocaleString("en");
  const short = (number) => number >= 1e5 ? `${+(number / 1e4).toFixed(2)} 万` : said(number);

  const cell = (row, label) => row.querySelector(`td[data-label="${label}"]`);
  const text = (place) => (place?.querySelector("a") ?? place)?.textContent.trim() ?? "";
  const number = (row, label) => {
    const shown = text(label && cell(row, label)).replaceAll(",", "");
    return /^\d+$/.test(shown) ? Number(shown) : null;
  };
  const read = (row, { chartOf, chartPart, chartAlso }) => ({
    name: text(row.cells[0]),
    whole: number(row, chartOf),
    part: number(row, chartPart),
    also: chartAlso ? text(cell(row, chartAlso)) : "",
    link: row.cells[0].querySelector("a") ?? cell(row, chartOf)?.querySelector("a") ?? [...row.querySelectorAll("a")].pop(),
  });

  // What a tooltip says and a screen reader hears: a rate with both of its numbers, rounded down as the server does.
  const words = (row, { chartOf, chartPart, chartAlso }) => [
    row.name,
    `${chartOf} ${said(row.whole)}`,
    ...chartPart ? [`${chartPart} ${said(row.part)}`] : [],
    ...chartPart && row.whole ? [`占 ${(Math.floor(row.part * 1000 / row.whole) / 10).toFixed(1)}%`] : [],
    ...chartAlso ? [`${chartAlso} ${row.also}`] : [],
  ];
  const tip = (row, of) => {
    const box = document.createElement("div");
    box.append(...words(row, of).map((line) => Object.assign(document.createElement("p"), { textContent: line })));
    return box;
  };

  const bars = (rows, of) => {
    const label = { show: true, position: "right", color: token("ink"), formatter: ({ dataIndex }) => said(rows[dataIndex].whole) };
    const one = (name, data, color, more) => ({ type: "bar", name, data, stack: "all", barMaxWidth: 16, color, ...more });
    const series = of.chartPart
      ? [
        one(of.chartPart, rows.map((row) => row.part), token("blue")),
        one(of.chartRest, rows.map((row) => Math.max(0, row.whole - row.part)), "#a9c4f5", { label }),
      ]
      : [one(of.chartOf, rows.map((row) => row.whole), token("blue"), { label })];
    return {
      legend: { show: series.length > 1, top: 0, left: 0, icon: "rect", selectedMode: false, textStyle: { color: token("ink") } },
      xAxis: { type: "value", show: false },
      yAxis: {
        type: "category", data: rows.map((row) => row.name), inverse: true, axisTick: { show: false },
        axisLine: { lineStyle: { color: token("border") } },
      },
      series,
    };
  };
  const line = (rows, of) => ({
    xAxis: { type: "category", data: rows.map((row) => row.name), axisLabel: { hideOverlap: true, color: token("ink-2") } },
    yAxis: { type: "value", scale: true, splitNumber: 3, axisLabel: { formatter: short, color: token("ink-2") } },
    series: [{ type: "line", name: of.chartOf, data: rows.map((row) => row.whole), color: token("blue"), symbolSize: 7 }],
  });
  const fitted = (kind, width, legend) => kind === "line"
    ? { grid: { left: 58, right: 16, top: 12, bottom: 26 } }
    : {
      grid: { left: width < NARROW ? 112 : 188, right: 84, top: legend ? 32 : 4, bottom: 4 },
      yAxis: { axisLabel: { width: width < NARROW ? 100 : 176, overflow: "truncate", interval: 0, color: token("ink") } },
    };

  // A click anywhere in a row's band, or Enter after the arrow keys, goes where the row goes.
  const lead = (chart, figure, rows, of) => {
    const axis = of.chart === "line" ? "x" : "y", painter = chart.getZr();
    const at = ({ offsetX, offsetY }) => rows[Math.round(chart.convertFromPixel({ [`${axis}AxisIndex`]: 0 }, axis === "x" ? offsetX : offsetY))];
    painter.on("click", (event) => at(event)?.link?.click());
    painter.on("mousemove", (event) => painter.setCursorStyle(at(event)?.link ? "pointer" : "default"));
    let chosen = -1;
    const steps = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1, Home: -rows.length, End: rows.length };
    figure.addEventListener("keydown", (event) => {
      if (event.key === "Enter") rows[chosen]?.link?.click();
      if (event.key === "Escape") chart.dispatchAction({ type: "hideTip" });
      if (!(event.key in steps) || event.altKey || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      chosen = Math.max(0, Math.min(rows.length - 1, chosen + steps[event.key]));
      chart.dispatchAction({ type: "showTip", seriesIndex: 0, dataIndex: chosen });
      document.getElementById("announcer").textContent = words(rows[chosen], of).join("，");
    });
    figure.addEventListener("blur", () => chart.dispatchAction({ type: "hideTip" }));
  };

  const draw = (table) => {
    const of = table.dataset, all = [...table.tBodies[0].rows].filter((row) => cell(row, of.chartOf)).map((row) => read(row, of));
    const rows = of.chart === "line" ? all.reverse() : all.slice(0, MOST), known = rows.filter((row) => row.whole !== null);
    if (known.length < 2 || !known.some((row) => row.whole)) return;
    const box = document.createElement("div"), figure = document.createElement("figure"), note = document.createElement("p");
    box.className = "drawn-chart";
    figure.tabIndex = 0;
    note.className = "muted chart-note";
    note.textContent = of.chart === "line" ? "纵轴不从 0 起" : all.length > MOST ? `图中是前 ${MOST} 个，其余 ${all.length - MOST} 个见表` : "";
    box.append(figure, ...note.textContent ? [note] : []);
    (table.closest(".table-wrap") ?? table).before(box);
    figure.style.height = `${of.chart === "line" ? LINE_HEIGHT : rows.length * BAR + (of.chartPart ? 36 : 8)}px`;
    const chart = echarts.init(figure, null, { renderer: "svg", locale: "ZH" });
    const description = `${table.caption.textContent.trim()}：${known.map((row) => words(row, of).join(" ")).join("；")}。按方向键逐项查看，按回车键打开。`;
    chart.setOption({
      animation: !matchMedia("(prefers-reduced-motion: reduce)").matches,
      aria: {
        enabled: true,
        label: { description },
        decal: {
          show: Boolean(of.chartPart),
          decals: [{ symbol: "none" }, { dashArrayX: [1, 0], dashArrayY: [2, 5], rotation: -Math.PI / 4, color: token("blue") }],
        },
      },
      textStyle: { fontFamily: getComputedStyle(document.body).fontFamily },
      tooltip: {
        trigger: "axis", axisPointer: { type: of.chart === "line" ? "line" : "shadow" }, confine: true,
        className: "chart-tip", formatter: ([{ dataIndex }]) => tip(rows[dataIndex], of),
      },
      ...of.chart === "line" ? line(rows, of) : bars(rows, of),
    });
    const fit = (width) => {
      chart.resize({ width, silent: true });
      chart.setOption(fitted(of.chart, width, of.chartPart));
    };
    fit(figure.clientWidth);
    new ResizeObserver(() => { if (figure.clientWidth) fit(figure.clientWidth); }).observe(figure);
    addEventListener("beforeprint", () => fit(PAPER));
    addEventListener("afterprint", () => fit(figure.clientWidth));
    lead(chart, figure, rows, of);
  };

  for (const table of document.querySelectorAll("table[data-chart]")) draw(table);
})();

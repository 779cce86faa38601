// The page's script: draws the plots with uPlot and makes tables sortable. Without it, every number is still in a table.
"use strict";
(() => {
  document.documentElement.classList.add("js");
  const data = JSON.parse(document.getElementById("data").textContent);
  const DASH = [6, 4];
  const NARROW = 1.6;

  // One shape per collector besides its colour, as an SVG path: the plots and the legend draw the same one.
  const SHAPES = [
    (x, y, r) => `M${x - r} ${y}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0z`,
    (x, y, r) => `M${x - r} ${y - r}h${2 * r}v${2 * r}h${-2 * r}z`,
    (x, y, r) => `M${x} ${y - 1.2 * r}l${1.2 * r} ${2.1 * r}h${-2.4 * r}z`,
    (x, y, r) => `M${x} ${y - 1.3 * r}l${1.3 * r} ${1.3 * r}l${-1.3 * r} ${1.3 * r}l${-1.3 * r} ${-1.3 * r}z`,
    (x, y, r) => `M${x} ${y + 1.2 * r}l${1.2 * r} ${-2.1 * r}h${-2.4 * r}z`,
    (x, y, r) => `M${x - r} ${y - 0.35 * r}h${0.65 * r}v${-0.65 * r}h${0.7 * r}v${0.65 * r}h${0.65 * r}v${0.7 * r}h${-0.65 * r}v${0.65 * r}h${-0.7 * r}v${-0.65 * r}h${-0.65 * r}z`,
    (x, y, r) => `M${x - r} ${y - 0.45 * r}h${2 * r}v${0.9 * r}h${-2 * r}z`,
    (x, y, r) => `M${x - 0.45 * r} ${y - r}h${0.9 * r}v${2 * r}h${-0.9 * r}z`,
  ];
  const shape = index => SHAPES[index % SHAPES.length];
  const variable = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const colour = index => variable(`--c${index % 8}`);

  const digits = value => String(+value.toPrecision(3));
  const time = ns => {
    if (ns < 1e3) return `${digits(ns)} ns`;
    if (ns < 1e6) return `${digits(ns / 1e3)} µs`;
    return ns < 1e9 ? `${digits(ns / 1e6)} ms` : `${digits(ns / 1e9)} s`;
  };
  const percent = share => `${digits(share * 100)} %`;
  const quantile = oneOf => {
    const text = (100 - 100 / oneOf).toFixed(oneOf > 5e3 ? 3 : 2);
    return `${text.replace(/\.?0+$/, "")} %`;
  };
  const decade = value => Math.abs(Math.log10(value) - Math.round(Math.log10(value))) < 1e-9;

  // What each kind of plot draws: series of a collector, and axes.
  const KINDS = {
    pauses: { series: [["pauses", null]], x: time, y: time, log: [false, true], points: true },
    mmu: { series: [["mmu", null], ["bmu", DASH]], x: time, y: percent, log: [true, false], range: [0, 1] },
    latency: { series: [["simple", null], ["metered", DASH]], x: quantile, y: time, log: [true, true] },
  };

  const marker = index => (u, series, from, to) => {
    const size = 3.2 * devicePixelRatio;
    const path = new Path2D();
    const [xs, ys] = [u.data[0], u.data[series]];
    for (let i = from; i <= to; i++) {
      if (ys[i] != null) {
        path.addPath(new Path2D(shape(index)(u.valToPos(xs[i], "x", true), u.valToPos(ys[i], u.series[series].scale, true), size)));
      }
    }
    return { fill: path, stroke: path };
  };

  function draw(place) {
    const kind = KINDS[place.dataset.kind];
    const rows = Object.entries(data.places[place.dataset.place]);
    const [tables, series] = [[], [{}]];
    for (const [name, row] of rows) {
      const index = Number(name);
      for (const [key, dash] of kind.series) {
        const points = row[key].filter(([x, y]) => x >= 0 && (!kind.log[1] || y > 0));
        if (points.length === 0) continue;
        tables.push([points.map(p => p[0]), points.map(p => p[1])]);
        series.push({
          label: data.collectors[index] + (dash ? " (dashed)" : ""),
          stroke: colour(index),
          width: NARROW,
          dash: dash ?? undefined,
          spanGaps: true,
          paths: kind.points ? () => null : undefined,
          points: kind.points || (!dash && points.length < 80)
            ? { show: true, paths: marker(index), fill: colour(index), stroke: colour(index), width: 0.1 }
            : { show: false },
        });
      }
    }
    place.replaceChildren();
    let read = place.nextElementSibling;
    if (!read) {
      read = document.createElement("div");
      read.className = "read";
      place.after(read);
    }
    if (tables.length === 0) {
      place.textContent = "Nothing to draw: see the reasons below.";
      return;
    }
    const joined = uPlot.join(tables);
    const decades = { filter: (u, splits) => splits.map(v => (decade(v) ? v : null)) };
    const axis = (format, log) => ({
      stroke: variable("--soft"),
      grid: { stroke: variable("--line"), width: 1, ...(log && decades) },
      ticks: { stroke: variable("--line"), width: 1, size: 4, ...(log && decades) },
      font: "11px system-ui, sans-serif",
      values: (u, splits) => splits.map(v => (v == null || (log && !decade(v)) ? "" : format(v))),
      ...(log && decades),
    });
    const wide = (low, high) => [10 ** Math.floor(Math.log10(low) - 0.02), 10 ** Math.ceil(Math.log10(high) + 0.02)];
    const scale = (log, range) => ({
      time: false,
      distr: log ? 3 : 1,
      range: range ? () => range : log ? (u, low, high) => (low == null ? [1, 10] : wide(low, high)) : undefined,
    });
    new uPlot({
      width: Math.max(place.clientWidth, 220),
      height: 230,
      padding: [10, 26, 0, 0],
      legend: { show: false },
      cursor: { drag: { x: false, y: false }, points: { show: false }, y: false },
      scales: { x: { ...scale(kind.log[0]), ...(kind.log[0] ? { range: (u, low, high) => [low, high] } : {}) }, y: scale(kind.log[1], kind.range) },
      axes: [
        { ...axis(kind.x, kind.log[0]), size: 34, space: 60 },
        { ...axis(kind.y, kind.log[1]), size: 58, space: 26 },
      ],
      series,
      hooks: {
        setCursor: [u => {
          const at = u.cursor.idx;
          const known = at == null ? [] : series.slice(1).flatMap((s, i) => (joined[i + 1][at] == null ? [] : [`${s.label} ${kind.y(joined[i + 1][at])}`]));
          read.textContent = known.length ? `${kind.x(joined[0][at])}: ${known.join(" · ")}` : "";
        }],
      },
    }, joined, place);
  }

  function legend() {
    const list = document.getElementById("legend");
    list.replaceChildren(...data.collectors.map((name, index) => {
      const item = document.createElement("li");
      const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
      const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
      svg.setAttribute("width", "12");
      svg.setAttribute("height", "12");
      svg.setAttribute("aria-hidden", "true");
      path.setAttribute("d", shape(index)(6, 6, 4.5));
      path.style.fill = `var(--c${index % 8})`;
      svg.append(path);
      item.append(svg, name);
      return item;
    }));
  }

  function sortable(table) {
    table.querySelectorAll("thead th").forEach((head, column) => {
      if (!table.querySelector(`tbody tr:not(.group) > :nth-child(${column + 1})[data-key]`)) return;
      const button = document.createElement("button");
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const down = head.getAttribute("aria-sort") !== "descending";
        table.querySelectorAll("thead th").forEach(other => other.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        const key = row => row.children[column].dataset.key;
        const order = (a, b) => (key(a) == null) - (key(b) == null) || (down ? key(b) - key(a) : key(a) - key(b));
        for (const body of table.tBodies) body.append(...[...body.rows].filter(row => row.className !== "group").sort(order));
      });
    });
  }

  const plots = [...document.querySelectorAll(".plot")];
  const all = () => plots.forEach(draw);
  legend();
  all();
  document.querySelectorAll("table:not(.prose)").forEach(sortable);
  let waiting;
  addEventListener("resize", () => { clearTimeout(waiting); waiting = setTimeout(all, 150); });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", all);
  matchMedia("print").addEventListener("change", all);
})();

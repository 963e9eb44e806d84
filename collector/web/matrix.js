// The matrix: sources by role (agents by group) against destination and port.

import { element } from "/web/dom.js";

export const SHAPES = { ok: "✓", broken: "✕", unproven: "?", waived: "w", advised: "·", pending: "…" };

const GROUPS = [
  ["consoles", ["console-backend"]],
  ["agent handlers", ["handler-backend", "syslog-tcp", "syslog-udp", "syslog-tls"]],
  ["backends", ["sql", "sql-dac", "sql-browser", "policy-update"]],
  ["clients of the API", ["public-api"]],
  ["probes to the collector", ["gatewatch"]],
];
const WORST = ["broken", "unproven", "pending", "waived", "ok", "advised"];
const BINDING = ["serve", "permit", "closed"];

/** What a row of the API counts as here: advice and goals not reached yet are no verdicts. */
export function shown(row) {
  if (!BINDING.includes(row.expect)) return "advised";
  if (row.pending) return "pending";
  return row.verdict;
}

/** Group the API's rows into lines of cells: Map of group to Map of source to Map of column to rows. */
function arrange(rows, groupsOf) {
  const lines = new Map();
  for (const row of rows) {
    const agents = groupsOf.get(row.path) ?? [];
    const found = GROUPS.find(([, flows]) => flows.includes(row.flow));
    const places = agents.length
      ? agents.map((group) => ["agents by group", group])
      : [[found ? found[0] : "own flows", row.src]];
    for (const [group, source] of places) {
      const sources = lines.get(group) ?? lines.set(group, new Map()).get(group);
      const cells = sources.get(source) ?? sources.set(source, new Map()).get(source);
      const column = `${row.dst} ${row.proto}/${row.port}`;
      (cells.get(column) ?? cells.set(column, []).get(column)).push(row);
    }
  }
  return lines;
}

/** The row that speaks for a cell: the worst of what shares it. */
export function speaker(rows) {
  return [...rows].sort((a, b) => WORST.indexOf(shown(a)) - WORST.indexOf(shown(b)))[0];
}

function cell(rows, chosen, choose) {
  const row = speaker(rows);
  const state = shown(row);
  const label = `${row.path}: ${row.suspect ? "suspect, " : ""}${state}, expected ${row.expect}. ${row.reason}`;
  const button = element("button", SHAPES[state], {
    type: "button",
    title: label,
    "aria-label": label,
    "aria-pressed": String(rows.some((one) => one.path === chosen)),
    "data-verdict": ["advised", "pending"].includes(state) ? null : state,
    "data-suspect": row.suspect ? "" : null,
    "data-path": row.path,
  });
  button.addEventListener("click", () => choose(row.path));
  return button;
}

/** Draw the matrix anew; the focus stays on the cell that had it. */
export function drawMatrix(table, rows, groupsOf, sites, chosen, choose) {
  const focused = document.activeElement?.dataset?.path;
  const columns = [...new Set(rows.map((row) => `${row.dst} ${row.proto}/${row.port}`))];
  const head = element("thead", null);
  const names = element("tr", null);
  names.append(element("td", ""));
  for (const column of columns) {
    const th = element("th", null, { scope: "col" });
    th.append(element("span", column));
    names.append(th);
  }
  head.append(names);
  const body = element("tbody", null);
  for (const [group, sources] of arrange(rows, groupsOf)) {
    const line = element("tr", null, { class: "group" });
    line.append(element("th", group, { scope: "colgroup", colspan: columns.length + 1 }));
    body.append(line);
    for (const [source, cells] of sources) {
      const tr = element("tr", null);
      const th = element("th", `${source} `, { scope: "row" });
      if (sites.get(source)) th.append(element("small", sites.get(source)));
      tr.append(th);
      for (const column of columns) {
        const td = element("td", null);
        if (cells.has(column)) td.append(cell(cells.get(column), chosen, choose));
        tr.append(td);
      }
      body.append(tr);
    }
  }
  table.replaceChildren(head, body);
  if (focused) table.querySelector(`[data-path="${CSS.escape(focused)}"]`)?.focus();
}

export function drawLegend(list) {
  const words = {
    ok: "ok", broken: "broken", unproven: "unproven", waived: "waived",
    pending: "goal, not reached yet", advised: "shown only",
  };
  list.replaceChildren(
    ...Object.entries(words).map(([state, word]) => {
      const item = element("li", null);
      const mark = element("span", SHAPES[state], { "data-verdict": state });
      item.append(mark, word);
      return item;
    }),
  );
}

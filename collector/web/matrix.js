// The matrix: sources by role (agents by group) against destination and port.

import { element, holding, show } from "/web/dom.js";

const SHAPES = { ok: "✓", broken: "✕", unproven: "?", waived: "w", attested: "a", advised: "·", pending: "…" };
const WORDS = {
  ok: "ok", broken: "broken", unproven: "unproven", waived: "waived",
  attested: "attested: proven elsewhere",
  pending: "goal, not reached yet", advised: "shown only", suspect: "suspect: seen once", none: "not expected",
};
const WORST = ["broken", "unproven", "pending", "waived", "attested", "ok", "advised"];
const BINDING = ["serve", "permit", "closed"];

const AGENTS = "agents by group";
const GROUPS = [
  ["consoles", ["console-backend"]],
  ["agent handlers", ["handler-backend", "syslog-tcp", "syslog-udp", "syslog-tls"]],
  ["backends", ["sql", "sql-dac", "sql-browser", "policy-update"]],
  ["clients of the API", ["public-api"]],
  [AGENTS, []],
  ["agents on other machines", ["agent", "agent-legacy"]],
  ["own flows", []],
  ["probes to the collector", ["gatewatch"]],
];
const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** What a row of the API counts as here: advice and goals not reached yet are no verdicts. */
function shown(row) {
  if (!BINDING.includes(row.expect)) return "advised";
  return row.pending ? "pending" : row.verdict;
}

/** Where a path stands: its group of lines and its line, several times for an agent of several groups. */
function places(row, groups) {
  if (groups.length) return groups.map((group) => [AGENTS, group]);
  const found = GROUPS.find(([, flows]) => flows.includes(row.flow));
  return [[found ? found[0] : "own flows", row.src]];
}

/** Put rows into lines of cells: Map of group to Map of line to Map of column to rows. */
function arrange(rows, groupsOf) {
  const lines = new Map(GROUPS.map(([group]) => [group, new Map()]));
  for (const row of rows) {
    for (const [group, line] of places(row, groupsOf.get(row.path) ?? [])) {
      const sources = lines.get(group);
      const cells = sources.get(line) ?? sources.set(line, new Map()).get(line);
      const column = columnOf(row);
      (cells.get(column) ?? cells.set(column, []).get(column)).push(row);
    }
  }
  return lines;
}

function columnOf(row) {
  return `${row.dst} ${row.proto}/${row.port}`;
}

/** The row that speaks for a cell: the worst of those that share it. */
function speaker(rows) {
  return rows.reduce((worst, row) => (rank(row) < rank(worst) ? row : worst));
}

function rank(row) {
  return WORST.indexOf(shown(row)) - (row.suspect ? 0.5 : 0);
}

/** What a cell of a whole group counts as: as the gate counts it, which forgives a few agents. */
function ofGroup(rows, blocker) {
  if (blocker) return blocker.verdict;
  const worst = shown(speaker(rows));
  return ["broken", "unproven"].includes(worst) ? "ok" : worst;
}

function describe(row, state) {
  return `${row.path}: ${row.suspect ? "suspect, " : ""}${state}, expected ${row.expect}. ${row.reason}`;
}

function describeGroup(rows, state, group) {
  const counts = WORST.map((word) => [rows.filter((one) => shown(one) === word).length, word]);
  const words = counts.filter(([count]) => count).map(([count, word]) => `${count} ${word}`);
  const row = speaker(rows);
  return `${row.flow}, group ${group} to ${row.dst}: ${state}. Of its agents ${words.join(", ")}. ${row.src}: ${row.reason}`;
}

function cell(rows, key, chosen, state, label) {
  const row = speaker(rows);
  const broken = rows.filter((one) => shown(one) === "broken").length;
  const shape = broken && rows.length > 1 ? `${SHAPES[state]} ${broken}` : SHAPES[state];
  return element("button", shape, {
    type: "button",
    tabindex: "-1",
    title: label,
    "aria-label": label,
    "aria-pressed": String(rows.some((one) => one.path === chosen)),
    "data-verdict": state,
    "data-suspect": row.suspect ? "" : null,
    "data-path": row.path,
    "data-key": key,
  });
}

/** Make a cell of one source, or of a group of agents. */
function cellOf(rows, place, chosen, blockers) {
  const [group, source] = place;
  const row = speaker(rows);
  if (group !== AGENTS) return cell(rows, place.join(" "), chosen, shown(row), describe(row, shown(row)));
  const state = ofGroup(rows, blockers.get(`${row.flow} ${source} ${row.dst}`));
  return cell(rows, place.join(" "), chosen, state, describeGroup(rows, state, source));
}

function heads(columns) {
  const names = columns.map((column) => {
    const [host, port] = column.split(" ");
    const slanted = holding("span", [element("b", host), ` ${port}`]);
    return holding("th", [slanted], { scope: "col", title: column });
  });
  return holding("thead", [holding("tr", [element("td", null), ...names])]);
}

function line(group, source, note, columns, cells, chosen, blockers) {
  const head = element("th", `${source} `, { scope: "row" });
  if (note) head.append(element("small", note));
  const fields = columns.map((column) => {
    const rows = cells.get(column);
    return holding("td", rows ? [cellOf(rows, [group, source, column], chosen, blockers)] : []);
  });
  return holding("tr", [head, ...fields]);
}

/** Say after a line's name whom it stands for: a site, or how many agents. */
function noteOf(group, source, cells, sites) {
  if (group !== AGENTS) return sites.get(source);
  const agents = new Set([...cells.values()].flat().map((row) => row.src));
  return agents.size === 1 ? "1 agent" : `${agents.size} agents`;
}

/** Draw the matrix of a phase, whose gate may be null. */
export function drawMatrix(table, { rows, groupsOf, sites, chosen, gate }) {
  const groups = (gate?.blockers ?? []).filter((one) => one.group);
  const blockers = new Map(groups.map((one) => [`${one.flow} ${one.group} ${one.dst}`, one]));
  const columns = [...new Set(rows.map(columnOf))];
  const body = element("tbody", null);
  for (const [group, sources] of arrange(rows, groupsOf)) {
    if (!sources.size) continue;
    const attributes = { scope: "rowgroup", colspan: columns.length + 1 };
    const title = holding("th", [element("span", group)], attributes);
    body.append(holding("tr", [title], { class: "group" }));
    for (const [source, cells] of sources) {
      const note = noteOf(group, source, cells, sites);
      body.append(line(group, source, note, columns, cells, chosen, blockers));
    }
  }
  letOneTakeTheTab(body, table.dataset.stop);
  table.style.setProperty("--longest", Math.min(30, Math.max(10, ...columns.map((one) => one.length))));
  show(table, heads(columns), body);
}

/** Let Tab reach one cell: the one that had the focus last, else the chosen one, else the first. */
function letOneTakeTheTab(body, key) {
  const buttons = [...body.querySelectorAll("button")];
  const pressed = buttons.find((one) => one.getAttribute("aria-pressed") === "true");
  const stop = buttons.find((one) => one.dataset.key === key) ?? pressed ?? buttons[0];
  stop?.setAttribute("tabindex", "0");
}

/** Let arrow keys go from cell to cell, past what is not expected. */
export function steerByKeys(table) {
  table.addEventListener("focusin", ({ target }) => {
    table.querySelector('[tabindex="0"]')?.setAttribute("tabindex", "-1");
    target.setAttribute("tabindex", "0");
    table.dataset.stop = target.dataset.key;
  });
  table.addEventListener("keydown", (event) => {
    const way = STEPS[event.key];
    const from = event.target.closest("td");
    if (!way || !from) return;
    event.preventDefault();
    const lines = [...table.tBodies[0].rows];
    const width = from.parentElement.cells.length;
    let [x, y] = [from.cellIndex + way[0], lines.indexOf(from.parentElement) + way[1]];
    for (; x > 0 && x < width && y >= 0 && y < lines.length; x += way[0], y += way[1]) {
      const button = lines[y].cells[x]?.querySelector("button");
      if (button) return button.focus();
    }
  });
}

export function drawLegend(list) {
  const items = Object.entries(WORDS).map(([state, word]) => {
    const shape = SHAPES[state] ?? "";
    const mark = element("span", shape, {
      "data-verdict": state === "suspect" ? "ok" : state,
      "data-suspect": state === "suspect" ? "" : null,
    });
    return holding("li", [mark, word]);
  });
  show(list, ...items);
}

// Draws the matrix as a grid, lets keys go from cell to cell, and makes cells only of lines near the sight.

import { element, holding } from "/web/dom.js";
import { SHAPES } from "/web/words.js";

const NEAR = "800px 0px"; // lines this far out of sight have their cells before they are scrolled to
const FEW_LINES = 60; // so many have theirs at once
const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

export class Grid {
  #boxes = new Map(); // by key of the cell, of lines that have theirs
  #rows = new Map(); // the row of each line
  #lines = []; // of cells, top to bottom
  #stop = null; // key of the cell that Tab reaches
  #shape = "";

  constructor(box, choose) {
    this.box = box;
    this.choose = choose;
    this.chosen = () => false;
    this.sight = new IntersectionObserver((seen) => seen.forEach(({ isIntersecting, target }) => {
      if (isIntersecting) this.#fill(this.#rows.get(target));
    }), { root: box.parentElement, rootMargin: NEAR });
    box.addEventListener("focusin", ({ target }) => this.#letTabReach(target));
    box.addEventListener("keydown", (event) => this.#steer(event));
    box.addEventListener("click", ({ target }) => this.#press(target));
  }

  /** Draw an arrangement; where only cells differ from the last one, only those are touched. */
  draw(arrangement, chosen) {
    const shape = shapeOf(arrangement);
    const held = document.activeElement?.dataset.key;
    this.chosen = chosen;
    this.#lines = arrangement.sections.flatMap(({ lines }) => lines);
    if (shape === this.#shape) this.#takeOver(arrangement);
    else this.#build(arrangement);
    this.#shape = shape;
    this.#keepTab(arrangement);
    if (held && document.activeElement?.dataset.key !== held) this.#boxOf(arrangement.cells.get(held))?.focus();
  }

  /** Show what became of a cell. */
  update(cell) {
    const box = this.#boxes.get(cell.key);
    if (box) dress(box, cell, this.chosen);
  }

  /** Show which cells are chosen. */
  press(chosen) {
    this.chosen = chosen;
    this.box.querySelectorAll('.cell[aria-pressed="true"]').forEach((box) => box.setAttribute("aria-pressed", "false"));
    const cell = this.#lines.flatMap(({ cells }) => cells).find(chosen);
    this.#boxOf(cell)?.setAttribute("aria-pressed", "true");
  }

  /** Let the rows that stand be those of other lines of the same shape. */
  #takeOver({ sections }) {
    const lines = sections.flatMap(({ lines: all }) => all);
    [...this.#rows.keys()].forEach((row, at) => this.#rows.set(row, lines[at]));
    for (const { cells } of lines) for (const cell of cells) this.update(cell);
  }

  #build({ sections, columns }) {
    this.sight.disconnect();
    this.#boxes.clear();
    this.#rows.clear();
    measure(this.box, columns, sections);
    const heads = headsOf(columns);
    let number = heads.length;
    const groups = sections.map(({ name, lines }) => holding("div", [
      titleOf(name, ++number), ...lines.map((line) => this.#row(line, ++number)),
    ], { role: "rowgroup", "aria-label": name }));
    this.box.replaceChildren(...heads, ...groups);
    this.box.setAttribute("aria-rowcount", number);
    for (const [row, line] of this.#rows) {
      if (this.#rows.size <= FEW_LINES) this.#fill(line, row);
      else this.sight.observe(row);
    }
  }

  #row(line, number) {
    const row = holding("div", [nameOf(line)], {
      role: "row", class: line.isWithin ? "line within" : "line", "aria-rowindex": number,
    });
    this.#rows.set(row, line);
    return row;
  }

  /** Make the cells of a line. */
  #fill(line, row = this.#rowOf(line)) {
    this.sight.unobserve(row);
    if (row.childElementCount > 1) return;
    row.append(...line.cells.map((cell) => {
      const box = element("button", null, { type: "button", class: "cell", tabindex: "-1", "data-key": cell.key });
      dress(box, cell, this.chosen);
      this.#boxes.set(cell.key, box);
      const place = holding("div", [box], { role: "gridcell", "aria-colindex": cell.column.at + 2 });
      place.style.gridColumn = cell.column.at + 2;
      return place;
    }));
  }

  #rowOf(line) {
    return [...this.#rows].find(([, one]) => one === line)[0];
  }

  /** Find the button of a cell; make its line where it has none. */
  #boxOf(cell) {
    if (cell && !this.#boxes.has(cell.key)) this.#fill(this.#lines.find((line) => line.key === cell.line.key));
    return cell && this.#boxes.get(cell.key);
  }

  /** Let Tab reach one cell: the one that had the focus last, else the chosen one, else the first. */
  #keepTab({ cells }) {
    const all = [...cells.values()];
    const stop = cells.get(this.#stop) ?? all.find((cell) => this.chosen(cell)) ?? this.#lines[0]?.cells[0];
    this.box.querySelectorAll('.cell[tabindex="0"]').forEach((one) => { one.tabIndex = -1; });
    const box = this.#boxOf(stop);
    if (box) box.tabIndex = 0;
  }

  #letTabReach(target) {
    if (!target.dataset.key) return;
    this.box.querySelectorAll('.cell[tabindex="0"]').forEach((one) => { one.tabIndex = -1; });
    target.tabIndex = 0;
    this.#stop = target.dataset.key;
  }

  #press(target) {
    const key = target.closest(".cell")?.dataset.key;
    const cell = key && this.#lines.flatMap(({ cells }) => cells).find((one) => one.key === key);
    if (cell) this.choose(cell);
  }

  #steer(event) {
    const key = event.target.dataset?.key;
    const y = this.#lines.findIndex(({ cells }) => cells.some((cell) => cell.key === key));
    if (!key || y < 0) return;
    const next = this.#next(event, y, this.#lines[y].cells.findIndex((cell) => cell.key === key));
    if (!next) return;
    event.preventDefault();
    this.#boxOf(next).focus();
  }

  /** Find where a key leads from a cell: past what is not expected, never off the edge. */
  #next({ key, ctrlKey }, y, x) {
    const line = this.#lines[y].cells;
    if (key === "Home") return ctrlKey ? this.#lines[0].cells[0] : line[0];
    if (key === "End") return ctrlKey ? this.#lines.at(-1).cells.at(-1) : line.at(-1);
    const way = STEPS[key];
    if (!way) return null;
    if (way[0]) return line[x + way[0]] ?? line[x];
    for (let to = y + way[1]; to >= 0 && to < this.#lines.length; to += way[1]) {
      const below = this.#lines[to].cells.find((cell) => cell.column.key === line[x].column.key);
      if (below) return below;
    }
    return line[x];
  }
}

function shapeOf({ sections, columns }) {
  const lines = sections.flatMap(({ name, lines: all }) => [name, ...all.map((line) =>
    `${line.key} ${line.note ?? ""} ${line.isOpen}:${line.cells.map(({ column }) => column.at)}`)]);
  return `${columns.map(({ key }) => key)}\n${lines.join("\n")}`;
}

/** Give a box the look of its cell, touching only what differs. */
function dress(box, cell, chosen) {
  const { state, words } = cell;
  const broken = cell.isGroup ? cell.counts.broken : 0;
  const look = {
    title: words,
    "aria-label": words,
    "aria-pressed": String(chosen(cell)),
    "data-verdict": state,
    "data-path": cell.path,
    "data-suspect": cell.isSuspect ? "" : null,
    "data-flapping": cell.isFlapping ? "" : null,
    "data-maintained": cell.isMaintained ? "" : null,
  };
  for (const [name, value] of Object.entries(look)) {
    if (value === null) box.removeAttribute(name);
    else if (box.getAttribute(name) !== value) box.setAttribute(name, value);
  }
  const shape = `${SHAPES[state] ?? "!"}${broken ? ` ${broken}` : ""}`;
  if (box.textContent !== shape) box.textContent = shape;
}

function measure(box, columns, sections) {
  const last = columns.filter(({ dst }) => dst === columns.at(-1).dst);
  const longest = (words) => Math.max(0, ...words.map((word) => word.length));
  const names = sections.flatMap(({ lines }) => lines.map(({ name, note }) => `${name}  ${note ?? ""}`));
  box.style.setProperty("--columns", columns.length);
  box.style.setProperty("--names", `${Math.min(34, Math.max(14, longest(names) + 2))}ch`);
  box.style.setProperty("--tail", `${Math.max(0.2, 0.42 * (last[0]?.dst.length ?? 0) - 2 * last.length + 1.2)}rem`);
  box.style.setProperty("--head", Math.min(28, Math.max(6, longest(columns.map(({ dst }) => dst)))));
  box.toggleAttribute("data-many", names.length > FEW_LINES);
  box.setAttribute("aria-colcount", columns.length + 1);
}

/** Two rows of heads: the destinations, each over its ports. */
function headsOf(columns) {
  const hosts = [];
  columns.forEach((column, at) => {
    if (at && columns[at - 1].dst === column.dst) return;
    const width = columns.filter(({ dst }) => dst === column.dst).length;
    const head = holding("div", [element("span", column.dst)], {
      role: "columnheader", class: "host", title: column.dst, "aria-colindex": at + 2, "aria-colspan": width,
    });
    head.style.gridColumn = `${at + 2} / span ${width}`;
    hosts.push(head);
  });
  const ports = columns.map((column) => {
    const name = [element("span", column.port), column.proto === "tcp" ? null : element("i", column.proto)];
    const head = holding("div", name, {
      role: "columnheader", class: "port", title: column.key, "aria-label": column.key, "aria-colindex": column.at + 2,
    });
    head.style.gridColumn = column.at + 2;
    return head;
  });
  const corner = () => element("div", null, { class: "corner", role: "presentation" });
  return [
    holding("div", [corner(), ...hosts], { role: "row", class: "heads hosts", "aria-rowindex": 1 }),
    holding("div", [corner(), ...ports], { role: "row", class: "heads ports", "aria-rowindex": 2 }),
  ];
}

function titleOf(name, number) {
  const title = element("div", name, { role: "rowheader" });
  return holding("div", [title], { role: "row", class: "title", "aria-rowindex": number });
}

function nameOf(line) {
  const name = line.isOpen === null || line.isOpen === undefined
    ? element("span", line.name)
    : element("button", line.name, {
      type: "button", class: "opens", "data-open": line.group, "aria-expanded": String(line.isOpen),
      title: line.isOpen ? "Hide its sites" : "Show its sites",
    });
  return holding("div", [name, line.note ? element("small", line.note) : null], {
    role: "rowheader", class: "name", title: `${line.name} ${line.note ?? ""}`, "aria-colindex": 1,
  });
}

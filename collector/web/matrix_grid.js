// Draws the matrix as a grid, a slice of lines at a time, and lets keys go from cell to cell.

import { element, holding } from "/web/dom.js";
import { SHAPES } from "/web/words.js";

const SLICE_MS = 12; // of a frame: the page stays at hand while a large matrix is drawn
const MANY_LINES = 80; // from here on lines out of sight are not laid out
const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

export class Grid {
  #drawing = 0;
  #boxes = new Map(); // by key of the cell
  #lines = []; // of cells, top to bottom
  #stop = null; // key of the cell that Tab reaches
  #shape = "";

  constructor(box, choose) {
    this.box = box;
    this.choose = choose;
    box.addEventListener("focusin", ({ target }) => this.#letTabReach(target));
    box.addEventListener("keydown", (event) => this.#steer(event));
    box.addEventListener("click", ({ target }) => this.#press(target));
  }

  /** Draw an arrangement; where only cells differ from the last one, only those are touched. */
  async draw(arrangement, chosen) {
    const shape = shapeOf(arrangement);
    this.#lines = arrangement.sections.flatMap(({ lines }) => lines.map(({ cells }) => cells));
    if (shape === this.#shape) {
      ++this.#drawing; // what is still being drawn has these cells too
      for (const cell of arrangement.cells.values()) this.update(cell, chosen);
      this.#keepTab(arrangement, chosen);
      return;
    }
    await this.#build(arrangement, chosen, shape);
  }

  /** Show what became of a cell. */
  update(cell, chosen) {
    const box = this.#boxes.get(cell.key);
    if (box) dress(box, cell, chosen);
  }

  /** Show which cells are chosen. */
  press(chosen) {
    for (const cell of this.#lines.flat()) {
      const box = this.#boxes.get(cell.key);
      const pressed = String(chosen(cell));
      if (box && box.getAttribute("aria-pressed") !== pressed) box.setAttribute("aria-pressed", pressed);
    }
  }

  async #build(arrangement, chosen, shape) {
    const mine = ++this.#drawing;
    const { sections, columns } = arrangement;
    const held = document.activeElement?.dataset.key;
    this.#shape = "";
    this.#boxes.clear();
    measure(this.box, columns, sections);
    const rows = [...headsOf(columns)];
    this.box.replaceChildren(...rows);
    this.box.setAttribute("aria-rowcount", rows.length + this.#lines.length + sections.length);
    let number = rows.length;
    let until = performance.now() + SLICE_MS;
    for (const { name, lines } of sections) {
      const group = holding("div", [titleOf(name, ++number)], { role: "rowgroup", "aria-label": name });
      this.box.append(group);
      for (const line of lines) {
        group.append(this.#line(line, ++number, chosen));
        if (performance.now() < until) continue;
        await new Promise(requestAnimationFrame);
        if (mine !== this.#drawing) return;
        until = performance.now() + SLICE_MS;
      }
    }
    this.#shape = shape;
    this.#keepTab(arrangement, chosen);
    if (held) this.#boxes.get(held)?.focus();
  }

  #line(line, number, chosen) {
    const boxes = line.cells.map((cell) => {
      const box = document.createElement("button");
      box.type = "button";
      box.className = "cell";
      box.tabIndex = -1;
      box.dataset.key = cell.key;
      dress(box, cell, chosen);
      this.#boxes.set(cell.key, box);
      const place = holding("div", [box], { role: "gridcell", "aria-colindex": cell.column.at + 2 });
      place.style.gridColumn = cell.column.at + 2;
      return place;
    });
    return holding("div", [nameOf(line), ...boxes], {
      role: "row", class: line.isWithin ? "line within" : "line", "aria-rowindex": number,
    });
  }

  /** Let Tab reach one cell: the one that had the focus last, else the chosen one, else the first. */
  #keepTab(arrangement, chosen) {
    const cells = this.#lines.flat();
    const pressed = cells.find((cell) => chosen(cell));
    const stop = arrangement.cells.has(this.#stop) ? this.#stop : (pressed ?? cells[0])?.key;
    this.box.querySelectorAll('.cell[tabindex="0"]').forEach((one) => { one.tabIndex = -1; });
    const box = this.#boxes.get(stop);
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
    const cell = key && this.#lines.flat().find((one) => one.key === key);
    if (cell) this.choose(cell);
  }

  #steer(event) {
    const key = event.target.dataset?.key;
    const y = this.#lines.findIndex((cells) => cells.some((cell) => cell.key === key));
    if (!key || y < 0) return;
    const next = this.#next(event, y, this.#lines[y].findIndex((cell) => cell.key === key));
    if (!next) return;
    event.preventDefault();
    this.#boxes.get(next.key)?.focus();
  }

  /** Find where a key leads from a cell: past what is not expected, never off the edge. */
  #next({ key, ctrlKey }, y, x) {
    const line = this.#lines[y];
    if (key === "Home") return ctrlKey ? this.#lines[0][0] : line[0];
    if (key === "End") return ctrlKey ? this.#lines.at(-1).at(-1) : line.at(-1);
    const way = STEPS[key];
    if (!way) return null;
    if (way[0]) return line[x + way[0]] ?? line[x];
    for (let to = y + way[1]; to >= 0 && to < this.#lines.length; to += way[1]) {
      const below = this.#lines[to].find((cell) => cell.column === line[x].column);
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
  box.toggleAttribute("data-many", names.length > MANY_LINES);
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

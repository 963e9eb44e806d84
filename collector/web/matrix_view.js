// The matrix of a phase, with what is chosen of it and what blocks the phase beside it.

import { find, get } from "/web/api.js";
import { blockersOf } from "/web/blockers.js";
import { element, holding, show } from "/web/dom.js";
import { Filters } from "/web/filters.js";
import { drawGroup, fetchGroup } from "/web/group_panel.js";
import { arrange } from "/web/matrix_cells.js";
import { Grid } from "/web/matrix_grid.js";
import { MatrixStore } from "/web/matrix_store.js";
import { drawPath, fetchPath } from "/web/path_panel.js";
import { SHAPES, partsOf } from "/web/words.js";

const PATCH_MS = 60; // a crowd of events is one question
const FEW_ROWS = 2000; // so many are fetched whole each time
const WHOLE_MS = 10000; // else so often: between, events say which sources to ask for
const MOST_SOURCES = 12;
const MOST_BLOCKERS = 300;
const SITES_MS = 60000;
const LEGEND = {
  ok: "ok", broken: "broken", unproven: "unproven", pending: "goal, not reached yet", waived: "waived",
  attested: "attested", advised: "shown only", suspect: "suspect: seen once", flapping: "flapping",
  maintained: "in maintenance",
};

export class MatrixView {
  static title = "matrix";
  #store = new MatrixStore();
  #arrangement = null;
  #drawn = {}; // what the arrangement was made of
  #dirty = new Map();
  #timer = null;
  #whole = -Infinity;
  #sites = { at: -Infinity, words: "", of: new Map() };
  #gate = null;

  constructor(container, frame) {
    this.frame = frame;
    this.filters = new Filters(frame, () => this.#draw());
    container.append(this.#skeleton());
    this.grid = new Grid(this.box, (cell) => frame.go(this.#choice(cell)));
    this.box.addEventListener("click", ({ target }) => {
      const group = target.closest("[data-open]")?.dataset.open;
      if (group) this.#toggle(group);
    });
  }

  async refresh(isLate) {
    const { phase } = this.frame;
    const [gate, sites, detail] = await Promise.all([
      find(`gates/${phase}`, { worst: MOST_BLOCKERS }), this.#fetchSites(), this.#fetchDetail(), this.#load(phase),
    ]);
    if (isLate()) return;
    this.#gate = gate;
    this.#draw(sites);
    this.#drawDetail(detail);
    this.#drawBlockers(gate);
  }

  /** Ask at once for what an event is about. */
  hear(event) {
    if (event?.kind !== "turn" && event?.kind !== "suspect") {
      this.#whole = -Infinity; // it may be about anything
      this.#sites.at = -Infinity;
      return;
    }
    const { flow, src } = partsOf(event.subject);
    const isOfAgents = this.#store.agents.some((one) => one.flow === flow);
    this.#dirty.set(isOfAgents ? `flow ${flow}` : `src ${src}`, isOfAgents ? { flow } : { src });
    this.#timer ??= setTimeout(() => this.#patch(), PATCH_MS);
  }

  /** Show at once what is known of what the address chooses now. */
  arrive() {
    if (this.#store.phase) this.#draw();
  }

  end() {
    clearTimeout(this.#timer);
  }

  async #patch() {
    const wanted = [...this.#dirty.values()];
    this.#dirty.clear();
    this.#timer = null;
    if (this.#store.rows.size < FEW_ROWS || this.#store.phase !== this.frame.phase) return;
    if (wanted.length > MOST_SOURCES) {
      this.#whole = -Infinity;
      return;
    }
    try {
      for (const only of wanted) this.#takeIn(await this.#store.load(this.frame.phase, only));
    } catch (error) {
      console.warn("the next refresh asks again", error); // and it tells when it cannot
    }
  }

  async #load(phase) {
    const isDue = this.#store.rows.size < FEW_ROWS || performance.now() - this.#whole > WHOLE_MS;
    if (!isDue && this.#store.phase === phase) return;
    const asked = performance.now();
    const changes = await this.#store.load(phase);
    this.#whole = asked;
    this.#takeIn(changes);
  }

  /** Show what changed where it stands; forget the arrangement where lines come or go. */
  #takeIn({ rows, gone, isOther }) {
    const known = this.#arrangement?.byPath;
    if (!known || isOther || gone.length || this.filters.isVerdict || rows.some(({ path }) => !known.has(path))) {
      this.#arrangement = null;
      return;
    }
    for (const row of rows) {
      const cell = known.get(row.path);
      cell.rows.set(row.path, row);
      this.grid.update(cell);
    }
  }

  async #fetchSites() {
    if (performance.now() - this.#sites.at < SITES_MS) return this.#sites.of;
    const hosts = await get("hosts", { agents: "rolled-up" });
    const pairs = hosts.map(({ host, site }) => [host, site]);
    const words = JSON.stringify(pairs);
    if (words !== this.#sites.words) this.#arrangement = null;
    this.#sites = { at: performance.now(), words, of: new Map(pairs) };
    return this.#sites.of;
  }

  #fetchDetail() {
    const { asked, phase } = this.frame;
    if (asked.get("path")) return fetchPath(asked.get("path"));
    return asked.get("group") ? fetchGroup(asked, phase) : null;
  }

  #draw(sites = this.#sites.of) {
    const { asked, phase } = this.frame;
    if (this.#store.phase !== phase) return;
    const groups = (this.#gate?.blockers ?? []).filter(({ group }) => group);
    const made = JSON.stringify([phase, asked.get("rows"), asked.get("open"), this.filters.words, this.#store.agents, groups]);
    if (!this.#arrangement || made !== this.#drawn.made) {
      this.#arrangement = arrange({
        rows: this.#store.rows.values(),
        agents: this.#store.agents,
        blockers: new Map(groups.map((one) => [`${one.flow} ${one.group} ${one.dst}`, one])),
        sites,
        by: asked.get("rows") === "site" ? "site" : "role",
        opened: new Set((asked.get("open") ?? "").split(",")),
        keeps: this.filters.keeps,
      });
      this.grid.draw(this.#arrangement, this.#isChosen);
    } else if (asked.toString() !== this.#drawn.asked) this.grid.press(this.#isChosen);
    this.#drawn = { made, asked: asked.toString() };
    this.filters.offer(this.#store);
    show(this.chosen, phase);
    show(this.empty, this.#arrangement.cells.size ? "" : "Nothing to show: no path of this phase fits the filters.");
  }

  #isChosen = (cell) => {
    const { asked } = this.frame;
    if (!cell.isGroup) return cell.rows.has(asked.get("path"));
    const isHere = asked.get("group") === cell.line.group && asked.get("to") === cell.column.key;
    return isHere && (asked.get("at") ?? "") === (cell.line.isWithin ? cell.line.site ?? "" : "");
  };

  #choice(cell) {
    if (!cell.isGroup) return { path: cell.path, group: null, to: null, at: null };
    const at = cell.line.isWithin ? cell.line.site : null;
    return { path: null, group: cell.line.group, to: cell.column.key, at };
  }

  #toggle(group) {
    const opened = new Set((this.frame.asked.get("open") ?? "").split(",").filter(Boolean));
    if (!opened.delete(group)) opened.add(group);
    this.frame.go({ open: [...opened].join(",") || null });
  }

  #drawDetail(detail) {
    const { asked } = this.frame;
    if (asked.get("path")) drawPath(this.detail, detail, this.frame, asked.get("path"));
    else if (asked.get("group")) drawGroup(this.detail, detail, this.frame);
    else show(this.detail, element("h2", "One path"), element("p", "Choose a cell to see why it is as it is.", { class: "quiet" }));
  }

  #drawBlockers(gate) {
    const link = element("a", this.frame.phase, { href: this.frame.address({ phase: this.frame.phase }, "/gates") });
    show(this.blockersTitle, "Blockers of ", link);
    show(this.blockers, ...blockersOf(gate, this.frame));
  }

  #skeleton() {
    this.box = element("div", null, { id: "matrix", role: "grid", "aria-labelledby": "matrix-title" });
    this.detail = element("section", null, { class: "card", id: "detail", "aria-label": "What is chosen" });
    this.blockers = element("ul", null, { id: "blockers", class: "list" });
    this.blockersTitle = element("h2", "Blockers");
    this.chosen = element("span", null, { id: "chosen" });
    this.empty = element("p", "", { class: "quiet" });
    const title = holding("h2", ["Reachability for ", this.chosen, " ",
      element("small", "rows: who calls · columns: whom, on which port")], { id: "matrix-title" });
    const scroll = holding("div", [this.box], { class: "scroll fits" });
    const head = holding("div", [title, this.filters.form], { class: "bar" });
    const matrix = holding("section", [head, scroll, this.empty, legend()], { class: "card", "aria-labelledby": "matrix-title" });
    const blockers = holding("section", [this.blockersTitle, this.blockers], { class: "card" });
    return holding("div", [matrix, holding("aside", [this.detail, blockers])], { class: "columns" });
  }
}

function legend() {
  const items = Object.entries(LEGEND).map(([state, word]) => {
    const mark = element("span", SHAPES[state] ?? SHAPES.ok, { class: "cell", "data-verdict": SHAPES[state] ? state : "ok" });
    if (state in { suspect: 1, flapping: 1, maintained: 1 }) {
      mark.dataset.verdict = "ok";
      mark.textContent = SHAPES.ok;
      mark.setAttribute(`data-${state}`, "");
    }
    return holding("li", [mark, word]);
  });
  return holding("ul", items, { id: "legend", "aria-label": "Legend" });
}

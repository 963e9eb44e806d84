// The matrix as lines of cells: who calls, whom on which port, and what speaks for both. Pure.

import { WORST, counted, stateOf } from "/web/words.js";

export const AGENTS = "agents by group";
const ROLES = [
  ["consoles", ["console-backend"]],
  ["agent handlers", ["handler-backend", "syslog-tcp", "syslog-udp", "syslog-tls"]],
  ["backends", ["sql", "sql-dac", "sql-browser", "policy-update"]],
  ["clients of the API", ["public-api"]],
  [AGENTS, []],
  ["own flows", []],
  ["probes to the collector", ["gatewatch"]],
];
const ROLE_OF = new Map(ROLES.flatMap(([role, flows]) => flows.map((flow) => [flow, role])));

/** A source against a destination's port: one path, several flows', or those of a group's agents. */
export class Cell {
  constructor(line, column) {
    this.line = line;
    this.column = column;
    this.key = `${line.key} ${column.key}`;
    this.rows = new Map();
    this.agents = [];
    this.verdict = null; // of a group, as the gate counts it
  }

  get isGroup() {
    return this.agents.length > 0;
  }

  /** The row that speaks: the worst, and of two alike the one that is suspect. */
  get speaker() {
    const all = this.isGroup ? this.agents : [...this.rows.values()];
    return all.reduce((worst, one) => (this.#rank(one) < this.#rank(worst) ? one : worst));
  }

  get path() {
    return this.speaker.path;
  }

  get state() {
    if (!this.isGroup) return stateOf(this.speaker);
    if (this.verdict) return this.verdict;
    const worst = worstOf(this.speaker.counts);
    return ["broken", "unproven"].includes(worst) ? "ok" : worst; // the gate forgives a few
  }

  get isSuspect() {
    return this.#any("suspect");
  }

  get isFlapping() {
    return this.#any("flapping");
  }

  get isMaintained() {
    return [...this.rows.values()].some((row) => row.silenced === "maintenance");
  }

  /** How many agents count as each word. */
  get counts() {
    const sum = {};
    for (const { counts } of this.agents) {
      for (const [word, count] of Object.entries(counts)) sum[word] = (sum[word] ?? 0) + count;
    }
    return sum;
  }

  get words() {
    const marks = [this.isSuspect && "suspect", this.isFlapping && "flapping", this.isMaintained && "in maintenance"];
    const state = [this.state, ...marks].filter(Boolean).join(", ");
    const { reason, expect, flow, src, dst, proto, port } = this.speaker;
    const to = `${dst} ${proto}/${port}`;
    if (!this.isGroup) return `${src} to ${to}, ${flow}: ${state}, expected ${expect}. ${reason}`;
    const counts = WORST.filter((word) => this.counts[word]).map((word) => `${this.counts[word]} ${word}`);
    return `${flow}, group ${this.agents[0].group} to ${to}: ${state}. Of its agents ${counts.join(", ")}. ${reason}`;
  }

  #any(mark) {
    if (this.isGroup) return mark === "suspect" && this.agents.some((one) => one.suspect);
    return [...this.rows.values()].some((row) => row[mark]);
  }

  #rank(one) {
    const state = this.isGroup ? worstOf(one.counts) : stateOf(one);
    const rank = WORST.indexOf(state); // what this release does not know is bad
    return rank - (one.suspect ? 0.5 : 0);
  }
}

export function worstOf(counts) {
  return WORST.find((word) => counts[word]) ?? "ok";
}

/** Sort what is known into sections of lines of cells.
 *
 * `by` is "role" or "site"; `keeps` tells of a row, or of a cell of agents, whether it is shown. */
export function arrange({ rows, agents, blockers, sites, by, opened, keeps }) {
  const made = new Arrangement(by, sites);
  for (const row of rows) if (keeps.row(row)) made.path(row);
  const several = new Set(sitesOf(agents).filter(([, found]) => found.size > 1).map(([group]) => group));
  for (const one of agents) {
    if (!keeps.agents(one)) continue;
    made.group(one, blockers, several.has(one.group));
    if (several.has(one.group) && opened.has(one.group)) made.site(one);
  }
  return made.finish(opened);
}

function sitesOf(agents) {
  const found = new Map();
  for (const { group, site } of agents) (found.get(group) ?? found.set(group, new Set()).get(group)).add(site);
  return [...found];
}

class Arrangement {
  #sections = new Map(ROLES.map(([role]) => [role, new Map()]));
  #columns = new Map();

  constructor(by, sites) {
    this.by = by;
    this.sites = sites;
    this.cells = new Map();
    this.byPath = new Map();
    if (by === "site") this.#sections = new Map();
  }

  path(row) {
    const site = this.sites.get(row.src);
    const section = this.by === "site" ? site ?? "no site" : ROLE_OF.get(row.flow) ?? "own flows";
    const note = this.by === "site" ? null : row.scope === "local" ? ["local", site].filter(Boolean).join(", ") : site;
    const line = this.#line(section, row.src, { name: row.src, note: note ?? site });
    const cell = this.#cell(line, row);
    cell.rows.set(row.path, row);
    this.byPath.set(row.path, cell);
  }

  group(one, blockers, isSeveral) {
    const line = this.#line(AGENTS, one.group, { name: one.group, group: one.group, isSeveral });
    const cell = this.#cell(line, one);
    cell.agents.push(one);
    cell.verdict ??= blockers.get(`${one.flow} ${one.group} ${one.dst}`)?.verdict ?? null;
  }

  site(one) {
    const name = one.site ?? "no site";
    const line = this.#line(AGENTS, `${one.group} ${name}`, { name, group: one.group, site: one.site, isWithin: true });
    const cell = this.#cell(line, one);
    cell.agents.push(one);
    cell.verdict = worstOf(one.counts);
  }

  finish(opened) {
    const columns = inOrder([...this.#columns.values()]);
    columns.forEach((column, at) => { column.at = at; });
    const sections = [];
    for (const [name, lines] of this.#sections) {
      if (!lines.size) continue;
      const sorted = [...lines.values()].sort((one, other) => (one.key < other.key ? -1 : 1));
      for (const line of sorted) {
        line.cells.sort((one, other) => one.column.at - other.column.at);
        if (line.group) line.note = counted(agentsOf(line.cells), "agent");
        line.isOpen = line.isSeveral ? opened.has(line.group) : null;
      }
      sections.push({ name, lines: sorted });
    }
    return { columns, sections, cells: this.cells, byPath: this.byPath };
  }

  #line(section, key, more) {
    const lines = this.#sections.get(section) ?? this.#sections.set(section, new Map()).get(section);
    return lines.get(key) ?? lines.set(key, { key: `${section} ${key}`, cells: [], ...more }).get(key);
  }

  #cell(line, one) {
    const key = `${one.dst} ${one.proto}/${one.port}`;
    const column = this.#columns.get(key)
      ?? this.#columns.set(key, { key, dst: one.dst, proto: one.proto, port: one.port }).get(key);
    const name = `${line.key} ${key}`;
    const known = this.cells.get(name);
    if (known) return known;
    const cell = new Cell(line, column);
    this.cells.set(name, cell);
    line.cells.push(cell);
    return cell;
  }
}

/** Put each destination's ports side by side, destinations as they came first. */
function inOrder(columns) {
  const first = new Map();
  for (const { dst } of columns) if (!first.has(dst)) first.set(dst, first.size);
  return columns.sort((one, other) => first.get(one.dst) - first.get(other.dst)
    || one.proto.localeCompare(other.proto) || one.port - other.port);
}

/** How many agents a line stands for: as many as its fullest flow counts. */
function agentsOf(cells) {
  const sums = cells.flatMap((cell) => {
    const byFlow = {};
    for (const { flow, counts } of cell.agents) {
      byFlow[flow] = (byFlow[flow] ?? 0) + Object.values(counts).reduce((sum, count) => sum + count, 0);
    }
    return Object.values(byFlow);
  });
  return Math.max(0, ...sums);
}

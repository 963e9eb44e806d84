// What the page knows of the matrix: rows by path, kept up by a worker that fetches them.

import { Away, Declined, Unknown } from "/web/api.js";

const ERRORS = { away: Away, unknown: Unknown, declined: Error, fault: Error };

export class MatrixStore {
  #worker = new Worker("/web/matrix_worker.js", { type: "module" });
  #waiting = new Map();
  #asks = 0;
  #queue = Promise.resolve();
  phase = null;
  plan = null;
  rows = new Map();
  agents = [];

  constructor() {
    this.#worker.onmessage = ({ data }) => this.#take(data);
    this.#worker.onerror = (event) => this.#fail(new Error(event.message));
  }

  /** Fetch a phase, or only what one source or one flow has in it. Resolves to what changed:
   * `{rows, gone, isOther}`, the last where everything is another phase's. */
  load(phase, only = null) {
    const turn = this.#queue.then(() => this.#ask(phase, only));
    this.#queue = turn.catch(() => null); // one after the other: the last word is the newest
    return turn;
  }

  #ask(phase, only) {
    const ask = ++this.#asks;
    return new Promise((resolve, reject) => {
      this.#waiting.set(ask, { rows: [], resolve, reject });
      this.#worker.postMessage({ ask, phase, only });
    });
  }

  #take({ ask, rows, done, failed }) {
    const waiting = this.#waiting.get(ask);
    if (!waiting) return;
    waiting.rows.push(...rows);
    if (!done && !failed) return;
    this.#waiting.delete(ask);
    if (failed) {
      const kind = failed.kind === "declined" ? new Declined({ detail: failed.message }) : null;
      waiting.reject(kind ?? new ERRORS[failed.kind](failed.message));
    } else waiting.resolve(this.#apply(done, waiting.rows));
  }

  #apply({ phase, plan, only, agents, gone }, rows) {
    const isOther = phase !== this.phase;
    if (isOther) this.rows.clear();
    this.phase = phase;
    this.plan = plan;
    for (const path of gone) this.rows.delete(path);
    for (const row of rows) this.rows.set(row.path, row);
    if (!only) this.agents = agents;
    else if (only.flow) this.agents = [...this.agents.filter((one) => one.flow !== only.flow), ...agents];
    return { rows, gone, isOther };
  }

  #fail(error) {
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}

// On-demand runs: asked for, followed, cancelled, and compared.

import { find, get, post, remove } from "/web/api.js";
import { element, holding, show } from "/web/dom.js";
import { differences } from "/web/run_differences.js";
import { PHASES, SHAPES, counted, moment, partsOf } from "/web/words.js";

const COUNTS = ["broken", "unproven", "unverifiable", "pending", "waived", "attested", "ok"];
const MOST_ROWS = 500;
const ORDER = ["broken", "unproven", "pending", "unverifiable", "waived", "attested", "ok"];

export class RunsView {
  static title = "runs";
  #told = "";

  constructor(container, frame) {
    this.frame = frame;
    this.list = element("tbody", null);
    this.detail = element("section", null, { class: "card", id: "run", "aria-label": "The chosen run" });
    this.told = element("p", "", { role: "status", class: "quiet" });
    container.append(holding("div", [
      holding("div", [this.#ask(), holding("section", [element("h2", "Runs"), this.#table()], { class: "card" })], { class: "stack" }),
      holding("aside", [this.detail]),
    ], { class: "columns even" }));
    container.addEventListener("click", ({ target }) => {
      const id = target.closest("[data-cancel]")?.dataset.cancel;
      if (id) this.#do(() => remove(`runs/${id}`), "cancelled");
    });
  }

  async refresh(isLate) {
    const { asked } = this.frame;
    const [run, against] = [asked.get("run"), asked.get("against")];
    const [runs, one, other] = await Promise.all([
      get("runs"), run ? find(`runs/${run}`) : null, against ? find(`runs/${against}`) : null,
    ]);
    if (isLate()) return;
    this.isBusy = runs.some(({ state }) => state === "running");
    const rows = runs.map((each) => this.#row(each, run));
    show(this.list, ...(rows.length ? rows : [holding("tr", [element("td", "No run so far.", { colspan: 6, class: "quiet" })])]));
    this.#drawDetail(run, one, against, other, runs);
  }

  #table() {
    const head = ["begun", "what", "state", "answered", "result", ""].map((word) => element("th", word, { scope: "col" }));
    return holding("table", [holding("thead", [holding("tr", head)]), this.list], { class: "table" });
  }

  #row(run, chosen) {
    const link = element("a", moment(run.created), { href: this.frame.address({ run: run.id, against: null }) });
    const cancel = run.state === "running" && this.frame.mayOperate
      ? element("button", "Cancel", { type: "button", "data-cancel": run.id }) : "";
    return holding("tr", [
      holding("td", [link]), holding("td", [element("span", run.phase), element("small", scopeOf(run))]),
      element("td", run.state, { "data-run": run.state }), holding("td", [progress(run), ` ${run.done} of ${run.checks}`]),
      holding("td", resultOf(run)), holding("td", [cancel]),
    ], { "data-chosen": run.id === chosen ? "" : null });
  }

  #drawDetail(id, run, against, other, runs) {
    if (!id) return show(this.detail, element("h2", "One run"), element("p", "Choose a run to see what it found.", { class: "quiet" }));
    if (!run) return show(this.detail, element("h2", "One run"), element("p", `There is no run ${id}.`));
    const heading = holding("h2", [`Run of ${moment(run.created)} `, element("small", `${run.phase} · ${scopeOf(run)}`)]);
    const silent = run.silent_probes ? element("p", `${counted(run.silent_probes, "probe")} owe an answer: ${run.silent.join(", ")}.`) : null;
    const summary = holding("p", [element("span", run.state), ` · ${run.done} of ${run.checks} answered · by ${run.by ?? "nobody"} `, progress(run)]);
    const earlier = runs.filter((one) => one.id !== id).slice(0, 8);
    const links = earlier.map((one) => element("a", moment(one.created), {
      href: this.frame.address({ run: id, against: one.id }), "aria-current": one.id === against ? "true" : null }));
    const compare = links.length ? holding("p", [element("span", "Compare with"), ...links], { class: "tabs" }) : null;
    show(this.detail, heading, summary, silent, compare, other ? differenceOf(other, run, this.frame) : rowsOf(run, this.frame));
  }

  #ask() {
    const { frame } = this;
    const phases = [["", "current"], ...PHASES.map((phase) => [phase, phase])];
    const field = (name, word) => holding("label", [element("span", word), element("input", null, {
      name, type: "search", placeholder: "any", autocomplete: "off", spellcheck: "false" })]);
    const select = holding("label", [element("span", "phase"), holding("select", phases.map(([value, word]) =>
      element("option", word, { value })), { name: "phase" })]);
    const button = element("button", "Measure now", { type: "submit", class: "primary", disabled: frame.mayOperate ? null : "" });
    const form = holding("form", [select, field("flow", "flow"), field("src", "from"), field("dst", "to"), button], { id: "ask", class: "fields" });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const said = Object.fromEntries(new FormData(form));
      const globs = Object.fromEntries(["flow", "src", "dst"].filter((key) => said[key]).map((key) => [key, [said[key]]]));
      this.#do(async () => {
        const run = await post("runs", { phase: said.phase || null, ...globs });
        frame.go({ run: run.id, against: null });
      }, "");
    });
    return holding("section", [element("h2", "Measure paths now"), form, this.told], { class: "card" });
  }

  async #do(order, words) {
    try {
      await order();
      this.#told = words;
    } catch (error) {
      this.#told = error.message;
    }
    show(this.told, this.#told);
    this.frame.refresh();
  }
}

function scopeOf(run) {
  const said = [["flow", run.flow], ["from", run.src], ["to", run.dst]].filter(([, globs]) => globs.length);
  return said.map(([word, globs]) => `${word} ${globs.join(", ")}`).join(" · ") || "every path";
}

function progress(run) {
  return run.state === "running"
    ? element("progress", null, { max: Math.max(1, run.checks), value: run.done, "aria-label": "Checks answered" }) : "";
}

function resultOf(run) {
  const found = COUNTS.filter((word) => run.counts[word]);
  return found.map((word) => element("span", `${SHAPES[word]} ${run.counts[word]} `, { class: "count", "data-verdict": word, title: word }));
}

function rowsOf(run, frame) {
  const rows = [...run.rows].sort((one, other) => ORDER.indexOf(one.verdict) - ORDER.indexOf(other.verdict));
  const items = rows.slice(0, MOST_ROWS).map((row) => lineOf(row.path, row.verdict, row.reason, frame));
  if (rows.length > MOST_ROWS) items.push(element("li", `and ${rows.length - MOST_ROWS} more`, { class: "quiet" }));
  return holding("ul", items.length ? items : [element("li", "Nothing was answered yet.", { class: "quiet" })], { class: "list tall" });
}

function differenceOf(before, after, frame) {
  const found = differences(before.rows, after.rows);
  if (!found.length) return element("p", "Both say the same of every path.");
  return holding("ul", found.slice(0, MOST_ROWS).map(({ change, path, old, now }) =>
    lineOf(path, (now ?? old).verdict, `${change}: ${[old?.reason, now?.reason].filter(Boolean).join(" → ")}`, frame)), { class: "list tall" });
}

function lineOf(path, verdict, reason, frame) {
  const { src, dst, port, flow } = partsOf(path);
  const link = holding("a", [`${src} → ${dst} `, element("b", port), element("small", ` ${flow}`)], { href: frame.address({ path }, "/path") });
  return holding("li", [element("span", SHAPES[verdict] ?? "!", { class: "mark", "data-verdict": verdict }), holding("span", [link, element("small", reason)])]);
}

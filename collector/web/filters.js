// What of the matrix is shown: flow, source, destination and verdict, as the address has them.

import { element, holding, show } from "/web/dom.js";
import { worstOf } from "/web/matrix_cells.js";
import { WELL, stateOf } from "/web/words.js";

const WORDS = [["flow", "flow"], ["from", "from"], ["to-host", "to"]];
const VERDICTS = ["not ok", "broken", "unproven", "pending", "suspect", "flapping", "waived", "attested", "ok"];

export class Filters {
  #offered = null;

  constructor(frame, changed) {
    this.frame = frame;
    this.#build();
    this.form.addEventListener("input", () => {
      const said = Object.fromEntries(new FormData(this.form));
      frame.amend(Object.fromEntries(Object.entries(said).map(([key, value]) => [key, value || null])));
      changed();
    });
    this.form.addEventListener("submit", (event) => event.preventDefault());
  }

  /** What is asked for, to compare. */
  get words() {
    return ["flow", "from", "to-host", "verdict"].map((key) => this.frame.asked.get(key) ?? "");
  }

  get isVerdict() {
    return Boolean(this.frame.asked.get("verdict"));
  }

  /** Decide of rows, and of cells of agents, whether they are shown. */
  get keeps() {
    const [flow, from, to, verdict] = this.words;
    const [isFlow, isFrom, isTo] = [flow, from, to].map(matcher);
    return {
      row: (row) => isFlow(row.flow) && isFrom(row.src) && isTo(row.dst) && fits(verdict, stateOf(row), row),
      agents: (one) => isFlow(one.flow) && isFrom(one.group) && isTo(one.dst)
        && fits(verdict, worstOf(one.counts), { suspect: one.suspect > 0 }),
    };
  }

  /** Offer the names that there are, and show what the address says. */
  offer({ plan, phase, rows, agents }) {
    for (const field of this.form.elements) {
      const said = this.frame.asked.get(field.name) ?? "";
      if (field !== document.activeElement && field.value !== said) field.value = said;
    }
    if (this.#offered === `${plan} ${phase}`) return;
    this.#offered = `${plan} ${phase}`;
    const every = [...rows.values(), ...agents];
    for (const [name, key] of [["flow", "flow"], ["from", "src"], ["to-host", "dst"]]) {
      const known = [...new Set(every.map((one) => one[key] ?? one.group))].sort().slice(0, 300);
      show(this.form.querySelector(`#of-${name}`), ...known.map((value) => element("option", null, { value })));
    }
  }

  #build() {
    const fields = WORDS.flatMap(([name, word]) => [
      holding("label", [element("span", word), element("input", null, {
        name, list: `of-${name}`, type: "search", autocomplete: "off", spellcheck: "false", placeholder: "any",
      })]),
      element("datalist", null, { id: `of-${name}` }),
    ]);
    const verdict = select("verdict", "verdict", [["", "any"], ...VERDICTS.map((word) => [word, word])]);
    const rows = select("rows", "rows by", [["", "role"], ["site", "site"]]);
    this.form = holding("form", [...fields, verdict, rows], { id: "filters", role: "search", "aria-label": "Filter the matrix" });
  }
}

function select(name, word, options) {
  const items = options.map(([value, text]) => element("option", text, { value }));
  return holding("label", [element("span", word), holding("select", items, { name })]);
}

function fits(verdict, state, { suspect, flapping }) {
  if (!verdict) return true;
  if (verdict === "not ok") return !WELL.includes(state) || suspect || flapping;
  if (verdict === "suspect") return Boolean(suspect);
  return verdict === "flapping" ? Boolean(flapping) : state === verdict;
}

/** A pattern with * and ? stands for a whole name, a word for a part of it. */
function matcher(word) {
  if (!word) return () => true;
  if (!/[*?]/.test(word)) return (name) => name.includes(word);
  const pattern = word.replace(/[.+^${}()|[\]\\]/g, "\\$&").replaceAll("*", ".*").replaceAll("?", ".");
  const whole = new RegExp(`^${pattern}$`);
  return (name) => whole.test(name);
}

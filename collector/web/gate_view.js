// The gate of a phase: may it start, or is it done; what stands in the way, and what to do about it.

import { find } from "/web/api.js";
import { causesOf, named } from "/web/blockers.js";
import { element, holding, show } from "/web/dom.js";
import { remedyOf } from "/web/remedies.js";
import { SHAPES, counted, moment, since } from "/web/words.js";

const COUNTS = ["broken", "unproven", "pending", "unverifiable", "waived", "attested", "ok"];
const MOST_BLOCKERS = 2000;
const MOST = 40; // paths that are named under one cause
const ANSWERS = {
  false: { READY: "may start", NOT_READY: "may not start", INCONCLUSIVE: "cannot be said to be ready" },
  true: { READY: "is done", NOT_READY: "is not done", INCONCLUSIVE: "cannot be said to be done" },
};

export class GateView {
  static title = "gate";

  constructor(container, frame) {
    this.frame = frame;
    this.container = container;
    container.addEventListener("click", ({ target }) => {
      if (target.closest("[data-print]")) print();
    });
  }

  async refresh(isLate) {
    const { phase } = this.frame;
    const done = this.frame.asked.get("done") === "true";
    const gate = await find(`gates/${phase}`, { done, worst: MOST_BLOCKERS });
    if (!isLate()) this.#draw(gate, phase, done);
  }

  #draw(gate, phase, done) {
    const { frame } = this;
    const tabs = holding("p", [
      element("a", "May it start?", { href: frame.address({ done: null }), "aria-current": done ? null : "true" }),
      element("a", "Is it done?", { href: frame.address({ done: "true" }), "aria-current": done ? "true" : null }),
      element("button", "Print", { type: "button", "data-print": "" }),
    ], { class: "tabs" });
    if (!gate) {
      const text = done ? "the plan asks for nothing in this phase." : "this phase asks for nothing but its own goals: ask whether it is done.";
      return show(this.container, holding("section", [tabs, element("h2", phase, { class: "large" }), element("p", `Nothing to judge: ${text}`)], { class: "card" }));
    }
    const title = holding("h2", [
      element("span", `${SHAPES[gate.state]} ${gate.state.replace("_", " ")}`, { class: "answer", "data-state": gate.state }),
      ` The phase ${phase} ${ANSWERS[done][gate.state]}.`,
    ], { class: "large" });
    const asOf = element("p", `As of ${moment(gate.at)}, plan ${gate.plan.slice(0, 19)}`, { class: "quiet" });
    const beside = [hosts(gate), nextStep(gate, phase, frame)].filter(Boolean);
    show(this.container, holding("section", [tabs, title, asOf, counts(gate)], { class: "card", id: "gate" }),
      beside.length ? holding("div", [this.#blockers(gate), holding("div", beside, { class: "stack" })], { class: "columns" }) : this.#blockers(gate));
  }

  #blockers(gate) {
    const items = causesOf(gate.blockers).map((cause) => this.#cause(cause));
    const none = element("p", "Nothing stands in the way.", { class: "quiet" });
    const list = items.length ? holding("ol", items, { class: "causes" }) : none;
    const total = gate.counts.broken + gate.counts.unproven;
    const rest = total > gate.blockers.length
      ? element("p", `The first ${gate.blockers.length} of ${total}; 'gatewatch gate ${gate.phase}' lists all.`, { class: "quiet" }) : null;
    return holding("section", [element("h2", `Blockers ${total || ""}`), list, rest], { class: "card", id: "causes" });
  }

  #cause(cause) {
    const [first] = cause;
    const head = holding("h3", [
      element("span", SHAPES[first.verdict], { class: "mark", "data-verdict": first.verdict }),
      ` ${first.reason}`,
    ]);
    const paths = cause.slice(0, MOST).map((one) => {
      const name = one.path
        ? holding("a", named(one.path), { href: this.frame.address({ path: one.path }, "/path") })
        : holding("span", [`agents of ${one.group} → ${one.dst} `, element("b", one.flow)]);
      const times = one.since ? `${one.verdict} since ${moment(one.since)}, ${since(one.since)}` : one.verdict;
      return holding("li", [name, element("small", `${one.flow} · expected ${one.expect} · ${times} · guide ${one.guide}`)]);
    });
    if (cause.length > MOST) paths.push(element("li", `and ${cause.length - MOST} more`, { class: "quiet" }));
    const explains = cause.length > 1 ? element("p", `Explains ${counted(cause.length, "path")}.`, { class: "quiet" }) : null;
    const todo = holding("p", [element("b", "What to do: "), remedyOf(cause)]);
    return holding("li", [head, explains, todo, holding("ul", paths, { class: "paths" })], { "data-verdict": first.verdict });
  }
}

function counts(gate) {
  const said = COUNTS.filter((word) => gate.counts[word] || word === "ok" || word === "broken");
  return holding("ul", said.map((word) => holding("li", [
    element("b", gate.counts[word] ?? 0), ` ${word}`,
  ], { "data-verdict": word })), { class: "counts", "aria-label": "What its paths count as" });
}

function hosts(gate) {
  if (!gate.hosts.length) return null;
  const items = gate.hosts.map(({ host, problem }) => holding("li", [
    holding("span", [element("b", host), ` ${problem} `, holding("small", [element("code", `gatewatch host set ${host} --version 2.7.1`)])])]));
  return holding("section", [element("h2", "Hosts that do not run what it needs"), holding("ul", items, { class: "list" })], { class: "card" });
}

function nextStep(gate, phase, frame) {
  if (gate.state !== "READY" || gate.done || phase === frame.current) return null;
  return holding("section", [element("h2", "Next"), holding("p", ["To let it begin: ", element("code", `gatewatch phase set ${phase}`)])], { class: "card" });
}

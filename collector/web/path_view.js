// All about one path: every phase with its row of the guide, what was seen, and what became of it.

import { actions, checkNow } from "/web/check_now.js";
import { element, holding, show, terms } from "/web/dom.js";
import { fetchPath, historyOf, seenOf, timesOf, verdictOf } from "/web/path_panel.js";
import { remedyOf } from "/web/remedies.js";
import { changes } from "/web/timeline.js";
import { PHASES, SHAPES, WELL, moment, stateIn } from "/web/words.js";

export class PathView {
  static title = "path";

  constructor(container, frame) {
    this.frame = frame;
    this.container = container;
  }

  async refresh(isLate) {
    const path = this.frame.asked.get("path") ?? "";
    const found = await fetchPath(path);
    if (!isLate()) this.#draw(found, path);
  }

  #draw(found, path) {
    const { frame } = this;
    const back = element("a", "← Matrix", { href: frame.address({ path }, "/"), class: "back" });
    if (!found) {
      return show(this.container, back, holding("section", [element("h2", "No such path"),
        element("p", `The plan has no path ${path}.`)], { class: "card" }));
    }
    const { view, events } = found;
    const place = element("small", `${view.proto}/${view.port} · ${view.flow}`);
    const head = holding("section", [
      holding("h2", [`${view.src} → ${view.dst} `, place], { class: "large" }),
      verdictOf(view, frame.phase), ...this.#advice(view), historyOf(found, frame),
      actions([...checkNow(view, frame), diagnose(view)].filter(Boolean)),
    ], { class: "card", id: "detail" });
    show(this.container, back, holding("div", [
      holding("div", [head, this.#phases(view), card("Changes", [changes(events)])], { class: "stack" }),
      holding("div", [facts(view), certificate(view.observation?.certificate)].filter(Boolean), { class: "stack" }),
    ], { class: "columns" }));
  }

  #advice(view) {
    const now = view.phases[this.frame.phase];
    if (!now) return [];
    const about = { ...view, expect: now.expect, outcome: view.observation?.outcome ?? null, reason: now.reason };
    const remedy = WELL.includes(stateIn(now)) ? null : holding("p", [element("b", "What to do: "), remedyOf([about])]);
    return [remedy, ...now.advice.map((text) => holding("p", [element("b", "Advice: "), `${text}.`]))].filter(Boolean);
  }

  #phases(view) {
    const rows = PHASES.map((phase, at) => {
      const now = view.phases[phase];
      const state = now ? stateIn(now) : null;
      const mark = state ? element("span", SHAPES[state] ?? "!", { class: "mark", "data-verdict": state, title: state }) : "";
      const isNow = phase === this.frame.current;
      return holding("tr", [
        holding("th", [`${at + 1} ${phase}`, isNow ? element("small", " current") : null], { scope: "row" }),
        element("td", now?.expect ?? "not expected", { class: now ? null : "quiet" }),
        holding("td", [mark]), element("td", now?.reason ?? "", { class: "reason" }),
      ], { "aria-current": isNow ? "step" : null });
    });
    const head = holding("tr", ["phase", "expected", "", "why"].map((word) => element("th", word, { scope: "col" })));
    const table = holding("table", [holding("thead", [head]), holding("tbody", rows)], { class: "table" });
    return card("What each phase expects", [table, element("p", `Guide: ${view.guide}`, { class: "quiet" })]);
  }
}

function card(title, children) {
  return holding("section", [element("h2", title), ...children], { class: "card" });
}

function facts(view) {
  const seen = view.observation;
  return card("What is known", [terms([
    ["for", view.purpose], ["guide", view.guide], ["service", view.service], ["planned to", view.dst_address],
    ["scope", view.scope === "local" ? "local: it proves no rule of the network" : null],
    ["groups", view.groups.join(", ")], ...seenOf(seen),
    ["detail", seen?.detail], ["answered from", seen?.from], ["icmp", seen?.icmp?.join("/")],
    ["tls", seen?.tls_version], ["server", seen?.server], ["status", seen?.status], ["product", seen?.product],
    ["retransmits", seen?.syn_retransmits || null], ...timesOf(view),
    ...(seen?.addresses ?? []).map(({ address, outcome }) => ["at", `${address}: ${outcome}`]),
    ["seen once", view.candidate && `${view.candidate.outcome}, not confirmed yet`],
    ["path", element("code", view.path)],
  ])]);
}

function certificate(shown) {
  if (!shown) return null;
  return card("Certificate", [terms([
    ["subject", shown.subject], ["issued by", shown.issuer], ["names", (shown.names ?? []).join(", ")],
    ["valid until", shown.not_after && moment(shown.not_after)],
    ["chain", [shown.chain, shown.chain_detail].filter(Boolean).join(": ")], ["sha256", element("code", shown.sha256)],
  ])]);
}

/** The command that says more. */
function diagnose(view) {
  return element("code", `gatewatch path '${view.path}'`);
}

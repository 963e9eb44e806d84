// The panels beside the matrix: the phases with their gates, one path in words, what blocks.

import { element } from "/web/dom.js";

const MARKS = { READY: "✓", NOT_READY: "✕", INCONCLUSIVE: "?" };

export function drawPhases(nav, gates, current, chosen, choose) {
  nav.replaceChildren(
    ...gates.map(({ phase, gate }, index) => {
      const link = element("a", null, {
        href: `?phase=${phase}`,
        "aria-current": phase === current ? "step" : null,
        "data-chosen": phase === chosen ? "" : null,
      });
      const title = `${index + 1} ${phase}${phase === current ? " · current" : ""}`;
      const state = gate?.state ?? "nothing to judge";
      const words = gate ? counted(gate) : "";
      link.append(
        element("span", title),
        element("b", `${MARKS[state] ?? "·"} ${state.replace("_", " ")}`, { "data-state": state }),
        element("span", words),
      );
      link.addEventListener("click", (event) => {
        event.preventDefault();
        choose(phase);
      });
      return link;
    }),
  );
}

function counted(gate) {
  const parts = ["broken", "unproven", "pending", "unverifiable", "waived", "attested", "ok"]
    .filter((word) => gate.counts[word])
    .map((word) => `${gate.counts[word]} ${word}`);
  return parts.slice(0, 3).join(", ") || "nothing counted";
}

function term(list, name, value) {
  if (value === null || value === undefined || value === "") return;
  list.append(element("dt", name), element("dd", value));
}

/** Say of one path what is expected, what was seen, and why it is judged so. */
export function drawDetail(section, view, phase) {
  const now = view.phases[phase];
  const heading = element("h2", `${view.src} → ${view.dst} `);
  heading.append(element("small", `${view.proto}/${view.port} · ${view.flow}`));
  const facts = element("dl", null);
  term(facts, "expected", now ? `${now.expect} in ${phase}` : `nothing in ${phase}`);
  const others = Object.entries(view.phases).map(([name, one]) => `${name}: ${one.expect}`);
  term(facts, "by phase", others.join(", "));
  term(facts, "guide", view.guide);
  term(facts, "for", view.purpose);
  const seen = view.observation;
  if (seen) {
    term(facts, "outcome", seen.outcome);
    term(facts, "address", seen.address);
    if (seen.rtt_seconds) term(facts, "round trip", `${(seen.rtt_seconds * 1000).toFixed(2)} ms (kernel)`);
    const stages = Object.entries(seen.stages ?? {}).map(([name, s]) => `${name} ${(s * 1000).toFixed(1)} ms`);
    term(facts, "stages", stages.join(" · "));
    term(facts, "certificate", seen.certificate?.subject);
    term(facts, "issued by", seen.certificate?.issuer);
  }
  term(facts, "since", view.since);
  term(facts, "observed", view.observed_at);
  const parts = [heading];
  if (now) parts.push(element("blockquote", now.reason, { "data-verdict": now.verdict }));
  parts.push(facts, ...(now?.advice ?? []).map((text) => element("p", `Advice: ${text}`)));
  section.replaceChildren(...parts);
}

export function drawBlockers(list, gate, choose) {
  if (!gate) return list.replaceChildren(element("li", "Nothing to judge in this phase."));
  const items = gate.blockers.map((blocker) => {
    const item = element("li", null);
    const mark = blocker.verdict === "broken" ? "✕" : "?";
    const name = blocker.path ?? `${blocker.flow}: group ${blocker.group} → ${blocker.dst}`;
    item.append(`${mark} ${name}`, element("small", blocker.reason));
    if (blocker.path) {
      item.tabIndex = 0;
      item.setAttribute("role", "button");
      item.addEventListener("click", () => choose(blocker.path));
      item.addEventListener("keydown", (event) => event.key === "Enter" && choose(blocker.path));
    }
    return item;
  });
  const hosts = gate.hosts.map((host) => {
    const item = element("li", `! ${host.host}`);
    item.append(element("small", host.problem));
    return item;
  });
  list.replaceChildren(...(items.length + hosts.length ? [...items, ...hosts] : [element("li", "None.")]));
}

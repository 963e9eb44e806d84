// The strip of phases: what each gate says, which phase holds and since when, which is looked at.

import { element, holding, show } from "/web/dom.js";
import { PHASES, SHAPES, day, since, span } from "/web/words.js";

const COUNTS = ["broken", "unproven", "pending", "unverifiable"];

/** Draw the strip; `begun` tells when phases last began, by name. */
export function drawPhases(nav, { gates, current, begun, phase: chosen, href }) {
  show(nav, ...PHASES.map((phase, index) => {
    const gate = gates[index];
    const state = gate.state ?? "none";
    const words = gate.state ? `${SHAPES[state]} ${state.replace("_", " ")}` : "· nothing to judge";
    const isNow = phase === current;
    return holding("a", [
      holding("span", [`${index + 1} ${phase}`, isNow ? element("em", "current") : null], { class: "phase" }),
      element("b", words, { "data-state": state }),
      element("span", counted(gate)),
      element("span", timeOf(phase, current, begun), { class: "time" }),
    ], {
      href: href(phase),
      "aria-current": isNow ? "step" : null,
      "aria-label": `Phase ${index + 1}, ${phase}${isNow ? ", the current one" : ""}: ${words.slice(2)}, ${counted(gate)}`,
      "data-chosen": phase === chosen ? "" : null,
      "data-phase": phase,
    });
  }));
}

function counted({ state, counts, hosts }) {
  if (!state) return "";
  const parts = COUNTS.filter((word) => counts[word]).map((word) => `${counts[word]} ${word}`);
  if (hosts) parts.splice(counts.broken ? 1 : 0, 0, `${hosts === 1 ? "1 host" : `${hosts} hosts`} not upgraded`);
  return parts.slice(0, 2).join(", ") || `all ${counts.ok + counts.waived + counts.attested} ok`;
}

function timeOf(phase, current, begun) {
  const began = begun[phase];
  if (phase === current) return began ? `for ${since(began)}` : "";
  if (!began) return "not begun";
  const ended = PHASES.map((one) => begun[one]).filter((moment) => moment > began).sort()[0];
  return ended ? `${day(began)}, for ${span((Date.parse(ended) - Date.parse(began)) / 1000)}` : day(began);
}

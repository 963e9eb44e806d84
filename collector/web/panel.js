// The panels beside the matrix: the phases with their gates, one path in words, what blocks.

import { element, holding, show } from "/web/dom.js";

export const PHASES = ["baseline", "prepare", "backoffice", "agents", "complete"];
const MARKS = { READY: "✓", NOT_READY: "✕", INCONCLUSIVE: "?" };
const COUNTS = ["broken", "unproven", "pending", "unverifiable", "waived", "attested", "ok"];
const MOMENT = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short",
  hour: "2-digit", minute: "2-digit", second: "2-digit" });

/** Draw the five phases: what their gates say, which holds, which is looked at. */
export function drawPhases(nav, gates, current, chosen, addressOf) {
  const links = PHASES.map((phase, index) => {
    const gate = gates[index];
    const state = gate?.state ?? "nothing to judge";
    const title = `${index + 1} ${phase}${phase === current ? " · current" : ""}`;
    const words = element("b", `${MARKS[state] ?? "·"} ${state.replace("_", " ")}`, { "data-state": state });
    return holding("a", [element("span", title), words, element("span", gate ? counted(gate) : "")], {
      href: addressOf({ phase }),
      "aria-current": phase === current ? "step" : null,
      "data-chosen": phase === chosen ? "" : null,
      "data-phase": phase,
    });
  });
  show(nav, ...links);
}

function counted(gate) {
  const parts = COUNTS.filter((word) => gate.counts[word]).map((word) => `${gate.counts[word]} ${word}`);
  const waiting = gate.hosts.length === 1 ? "1 host" : `${gate.hosts.length} hosts`;
  if (gate.hosts.length) parts.splice(gate.counts.broken ? 1 : 0, 0, `${waiting} not upgraded`);
  return parts.slice(0, 2).join(", ") || "nothing counted";
}

/** Say what the phases expect in as few words as they need: "permit in prepare, serve from agents on". */
function expected(phases) {
  const runs = [];
  PHASES.forEach((phase, at) => {
    const expect = phases[phase]?.expect;
    const last = runs.at(-1);
    if (last?.expect === expect) last.end = at;
    else runs.push({ expect, start: at, end: at });
  });
  return runs.filter((run) => run.expect).map((run) => `${run.expect} ${span(run)}`).join(", ");
}

function span({ start, end }) {
  const last = PHASES.length - 1;
  if (start === 0 && end === last) return "in every phase";
  if (start === end) return `in ${PHASES[start]}`;
  if (end === last) return `from ${PHASES[start]} on`;
  return start === 0 ? `up to ${PHASES[end]}` : `from ${PHASES[start]} to ${PHASES[end]}`;
}

function terms(pairs) {
  const said = pairs.filter(([, value]) => value !== null && value !== undefined && value !== "");
  return said.flatMap(([name, value]) => [element("dt", name), element("dd", value)]);
}

function moment(text) {
  return text ? MOMENT.format(new Date(text)) : null;
}

function milliseconds(seconds) {
  return seconds ? `${(seconds * 1000).toFixed(seconds < 0.001 ? 2 : 1)} ms` : null;
}

function seenOf(seen) {
  const stages = Object.entries(seen.stages ?? {}).map(([name, s]) => `${name} ${milliseconds(s)}`);
  const roundTrip = milliseconds(seen.rtt_seconds);
  return [
    ["outcome", seen.stage && seen.outcome !== "open" ? `${seen.outcome} (${seen.stage})` : seen.outcome],
    ["address", seen.address],
    ["round trip", roundTrip && `${roundTrip}, by the kernel`],
    ["stages", stages.join(" · ")],
    ["certificate", seen.certificate?.subject],
    ["issued by", seen.certificate?.issuer],
  ];
}

/** Say of one path what is expected, what was seen, and why it is judged so. */
export function drawDetail(section, view, phase, asked) {
  if (!view) {
    const text = asked ? `The plan has no path ${asked}.` : "Choose a cell to see why.";
    return show(section, element("h2", "One path"), element("p", text));
  }
  const now = view.phases[phase];
  const place = element("small", `${view.proto}/${view.port} · ${view.flow}`);
  const heading = holding("h2", [`${view.src} → ${view.dst} `, place]);
  const facts = holding("dl", terms([
    ["expected", expected(view.phases)],
    ["guide", view.guide],
    ["for", view.purpose],
    ...(view.observation ? seenOf(view.observation) : []),
    ["since", moment(view.since)],
    ["observed", moment(view.observed_at)],
    ["logs lost", moment(view.loss_at)],
    ["silenced", view.silenced && `by ${view.silenced}`],
  ]));
  const why = now
    ? element("blockquote", now.reason, { "data-verdict": now.binding ? now.verdict : "advised" })
    : element("p", `Nothing is expected of it in ${phase}.`);
  const advice = (now?.advice ?? []).map((text) => element("p", `Advice: ${text}.`));
  show(section, heading, why, facts, ...advice);
}

/** List what stands in the way of a phase; what is a path can be chosen. */
export function drawBlockers(list, gate) {
  if (!gate) return show(list, element("li", "Nothing to judge in this phase."));
  const units = gate.blockers.map((blocker) => {
    const mark = blocker.verdict === "broken" ? "✕ " : "? ";
    const why = element("small", blocker.reason);
    if (!blocker.path) {
      const name = `${mark}agents of ${blocker.group} → ${blocker.dst} `;
      return holding("li", [holding("span", [name, element("b", blocker.flow)]), why]);
    }
    const attributes = { type: "button", "data-path": blocker.path };
    return holding("li", [holding("button", [mark, ...named(blocker.path)], attributes), why]);
  });
  const hosts = gate.hosts.map((host) => holding("li", [`! ${host.host}`, element("small", host.problem)]));
  show(list, ...(units.length + hosts.length ? [...units, ...hosts] : [element("li", "None.")]));
}

/** Write a path's id for people. */
function named(path) {
  const [, src, dst, port] = /^[^:]*:([^>]*)>([^:]*):(.*)$/.exec(path);
  return [`${src} → ${dst} `, element("b", port)];
}

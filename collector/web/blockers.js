// What stands in the way of a phase, by cause: what one firewall does to three paths is one line.

import { element, holding } from "/web/dom.js";
import { SHAPES, counted, partsOf } from "/web/words.js";

const MOST = 100; // lines; the gate page has them all

/** Put blockers with the same reason together: broken ones first, then what explains most. */
export function causesOf(blockers) {
  const found = new Map();
  for (const one of blockers) {
    const key = `${one.verdict} ${one.expect} ${one.group ? one.group + one.flow + one.dst : one.reason}`;
    (found.get(key) ?? found.set(key, []).get(key)).push(one);
  }
  return [...found.values()].sort((one, other) =>
    (one[0].verdict === "broken" ? 0 : 1) - (other[0].verdict === "broken" ? 0 : 1) || other.length - one.length);
}

/** Write the lines of a list of blockers; each leads to its path. */
export function blockersOf(gate, frame) {
  if (!gate) return [element("li", "Nothing to judge in this phase.", { class: "quiet" })];
  const causes = causesOf(gate.blockers);
  const lines = causes.slice(0, MOST).map((cause) => line(cause, frame));
  const hosts = gate.hosts.slice(0, MOST).map(({ host, problem }) => holding("li", [
    element("span", "!", { class: "mark", "data-state": "NOT_READY" }),
    holding("span", [`${host} `, element("small", problem)]),
  ]));
  const total = gate.counts.broken + gate.counts.unproven;
  const isPart = total > gate.blockers.length || causes.length > MOST;
  if (isPart) lines.push(element("li", `Counted among the first ${gate.blockers.length} of ${total} blockers.`, { class: "quiet" }));
  return lines.length + hosts.length ? [...lines, ...hosts] : [element("li", "None.", { class: "quiet" })];
}

function line(cause, frame) {
  const [first] = cause;
  const mark = element("span", SHAPES[first.verdict], { class: "mark", "data-verdict": first.verdict });
  const count = cause.length > 1 ? element("b", cause.length, { class: "count", "data-verdict": first.verdict }) : null;
  const why = element("small", first.reason);
  return holding("li", [mark, holding("span", [titleOf(cause, frame), why]), count]);
}

function titleOf(cause, frame) {
  const [first] = cause;
  if (!first.path) {
    return holding("span", [`agents of ${first.group} → ${first.dst} `, element("b", first.flow)]);
  }
  const href = frame.address({ path: first.path, group: null, to: null, at: null }, "/");
  if (cause.length === 1) return holding("a", named(first.path), { href, "data-path": first.path });
  const destinations = new Set(cause.map(({ path }) => partsOf(path).dst));
  const to = destinations.size === 1 ? ` → ${[...destinations][0]}` : "";
  return holding("a", [`${counted(cause.length, "path")}${to}, such as `, ...named(first.path)], { href, "data-path": first.path });
}

/** Write a path's id for people. */
export function named(path) {
  const { src, dst, port } = partsOf(path);
  return [`${src} → ${dst} `, element("b", port)];
}

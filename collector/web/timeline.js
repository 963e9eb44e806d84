// What became of a path in the last day, drawn from its events: a bar, and the changes one by one.

import { drawn, element, holding } from "/web/dom.js";
import { SHAPES, moment, span } from "/web/words.js";

const WINDOW_MS = 24 * 3600 * 1000; // or since the collector began, if that is later
const WIDTH = 1000;

/** Cut the last day into spans of one verdict each: `[{from, to, verdict}]`; null where nobody knew. */
export function spansOf(turns, now, began, verdict, observedSince) {
  const begin = Math.max(now - WINDOW_MS, Math.min(began || now, now - 1000));
  const changes = turns.filter(({ kind }) => kind === "turn")
    .map(({ at, before, after }) => ({ at: Date.parse(at), before, after })).sort((one, other) => one.at - other.at);
  const spans = [];
  let from = begin;
  let current = changes.find(({ at }) => at >= begin)?.before ?? (changes.at(-1)?.after ?? verdict);
  const first = Date.parse(observedSince ?? "");
  if (!changes.length && first > begin) {
    spans.push({ from: begin, to: Math.min(first, now), verdict: null });
    from = Math.min(first, now);
    current = verdict;
  }
  for (const { at, after } of changes) {
    if (at < begin) continue;
    if (at > from) spans.push({ from, to: at, verdict: current });
    [from, current] = [Math.max(at, from), after];
  }
  if (now > from) spans.push({ from, to: now, verdict: verdict ?? current });
  return spans;
}

/** Draw the spans as a bar. */
export function bar(spans) {
  const [begin, now] = [spans[0].from, spans.at(-1).to];
  const x = (moment) => ((moment - begin) / (now - begin)) * WIDTH;
  const last = `the last ${span((now - begin) / 1000)}`;
  const parts = spans.map(({ from, to, verdict }) => drawn("rect", {
    x: x(from).toFixed(1), y: 0, height: 14, width: Math.max(2, x(to) - x(from)).toFixed(1), "data-verdict": verdict ?? "none",
  }, [drawn("title", {}, [`${verdict ?? "not measured"} ${moment(from)} to ${moment(to)}`])]));
  const words = spans.map(({ verdict }) => verdict ?? "not measured").filter((word, at, all) => word !== all[at - 1]);
  const picture = drawn("svg", {
    viewBox: `0 0 ${WIDTH} 14`, preserveAspectRatio: "none", role: "img", "aria-label": `${last}: ${words.slice(-8).join(", ")}`,
  }, parts);
  return holding("figure", [picture, element("figcaption", `${last}: ${words.slice(-6).join(" · ")}`)], { class: "history" });
}

/** List the changes, the newest first. */
export function changes(events) {
  if (!events.length) return element("p", "No change so far.", { class: "quiet" });
  return holding("ol", events.map(({ at, kind, before, after, reason, by }) => holding("li", [
    element("time", moment(at), { datetime: at }),
    element("span", SHAPES[kind === "suspect" ? "suspect" : after] ?? "•", { class: "mark", "data-verdict": kind === "suspect" ? "suspect" : after }),
    holding("span", [
      element("b", kind === "suspect" ? `suspect: ${after}` : before && after ? `${before} → ${after}` : after ?? kind),
      element("small", by ? `${reason} (${by})` : reason),
    ]),
  ])), { class: "list changes" });
}

// One path in short, beside the matrix: what is expected, what was seen, and why it is judged so.

import { find } from "/web/api.js";
import { actions, checkNow } from "/web/check_now.js";
import { element, holding, show, terms } from "/web/dom.js";
import { bar, spansOf } from "/web/timeline.js";
import { expected, milliseconds, moment, since, stateIn } from "/web/words.js";

const MOST_EVENTS = 200;

/** Fetch a path and what became of it; null where the plan does not have it. */
export async function fetchPath(path) {
  const exactly = path.replace(/[*?[]/g, "[$&]");
  const [view, events] = await Promise.all([find("path", { path }), find("events", { path: exactly, limit: MOST_EVENTS })]);
  return view && { view, events: events ?? [] };
}

/** Say in the words of the phase why a path is as it is. */
export function verdictOf(view, phase) {
  const now = view.phases[phase];
  if (!now) return element("p", `Nothing is expected of it in ${phase}.`, { class: "verdict" });
  const state = stateIn(now);
  const marks = [view.suspect && "suspect", view.flapping && "flapping", view.silenced && `silenced by ${view.silenced}`];
  const words = [state === "advised" ? "shown only" : state, ...marks].filter(Boolean).join(", ");
  return holding("div", [element("span", words, { class: "word" }), element("blockquote", now.reason)], {
    class: "verdict", "data-verdict": state,
  });
}

/** Tell what was seen, as pairs. */
export function seenOf(seen) {
  if (!seen) return [];
  const stages = Object.entries(seen.stages ?? {}).map(([name, seconds]) => `${name} ${milliseconds(seconds)}`);
  const isThrough = ["open", "answered"].includes(seen.outcome);
  return [
    ["outcome", seen.stage && !isThrough ? `${seen.outcome} (${seen.stage})` : seen.outcome],
    ["address", seen.address],
    ["answered by", seen.answered_by === "none" ? null : seen.answered_by],
    ["stages", stages.join(" · ")],
    ["round trip", seen.rtt_seconds && `${milliseconds(seen.rtt_seconds)}, by the kernel`],
  ];
}

/** When it became so and was last seen. */
export function timesOf(view) {
  return [
    ["since", view.since && `${moment(view.since)}, ${since(view.since)}`],
    ["observed", view.observed_at && `${moment(view.observed_at)}, every ${Math.round(view.interval)} s`],
    ["logs lost", view.loss_at && moment(view.loss_at)],
  ];
}

export function historyOf({ view, events }, frame) {
  const verdict = view.phases[frame.current]?.verdict ?? null;
  return bar(spansOf(events, Date.now(), frame.began, verdict, view.since));
}

/** Draw a path in short. */
export function drawPath(section, found, frame, asked) {
  if (!found) {
    return show(section, element("h2", "One path"), element("p", `The plan has no path ${asked}.`));
  }
  const { view } = found;
  const now = view.phases[frame.phase];
  const heading = holding("h2", [`${view.src} → ${view.dst} `, element("small", `${view.proto}/${view.port} · ${view.flow}`)]);
  const facts = terms([
    ["expected", expected(view.phases)], ["guide", view.guide], ...seenOf(view.observation), ...timesOf(view),
  ]);
  const advice = (now?.advice ?? []).map((text) => element("p", `Advice: ${text}.`, { class: "quiet" }));
  const more = element("a", "All about it", { class: "button", href: frame.address({ path: view.path }, "/path") });
  show(section, heading, verdictOf(view, frame.phase), facts, ...advice, historyOf(found, frame),
    actions([...checkNow(view, frame), more].filter(Boolean)));
}

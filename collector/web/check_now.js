// "Check now": a run for one path, followed until its probe has answered.

import { get, post } from "/web/api.js";
import { element, holding } from "/web/dom.js";
import { followRun } from "/web/live.js";
import { PHASES, partsOf } from "/web/words.js";

/** What was last checked here, and how far that is. */
const last = { path: null, words: "", state: null, progress: null };

/** Draw the button, and how its last run went. */
export function checkNow(view, frame) {
  const mine = last.path === view.path;
  const isBusy = mine && last.state === "running";
  const button = element("button", isBusy ? "Checking…" : "Check now", {
    type: "button", class: "primary", "data-check": view.path, disabled: isBusy ? "" : null,
    title: frame.mayOperate ? null : "Needs the role of an operator",
  });
  if (!frame.mayOperate) button.setAttribute("disabled", "");
  const told = mine ? element("span", last.words, { role: "status", class: "quiet", "data-verdict": last.verdict ?? null }) : null;
  const bar = isBusy && last.progress
    ? element("progress", null, { max: last.progress.checks, value: last.progress.done, "aria-label": "Checks answered" })
    : null;
  return [button, bar, told];
}

/** Run it; what it tells is drawn by whoever shows the path. */
export async function check(view, frame) {
  const { flow, src, dst } = partsOf(view.path);
  const phase = view.phases[frame.current] ? frame.current : PHASES.find((one) => view.phases[one]);
  tell(frame, { path: view.path, state: "running", verdict: null, progress: null, words: `asking the probe of ${src}` });
  try {
    const run = await post("runs", { phase, flow: [flow], src: [src], dst: [dst] });
    followRun(run.id, (progress) => follow(view.path, run.id, progress, frame));
  } catch (error) {
    tell(frame, { state: "failed", words: error.message });
  }
}

async function follow(path, id, progress, frame) {
  if (last.path !== path) return;
  if (progress?.state === "running") {
    tell(frame, { progress, words: `${progress.done} of ${progress.checks} answered` });
    return;
  }
  try {
    const run = await get(`runs/${id}`);
    const row = run.rows.find((one) => one.path === path);
    tell(frame, { state: run.state, ...resultOf(row, run) });
  } catch (error) {
    tell(frame, { state: "failed", words: error.message });
  }
  frame.refresh();
}

function resultOf(row, run) {
  if (!row?.answered) return { verdict: null, words: `${run.state}: the probe did not answer in time` };
  return { verdict: row.verdict, words: `just now: ${row.verdict}. ${row.reason}` };
}

function tell(frame, change) {
  Object.assign(last, change);
  frame.redraw();
}

/** Buttons wrapped as one group. */
export function actions(children) {
  return holding("div", children, { class: "actions" });
}

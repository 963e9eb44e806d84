// How moments, spans, paths and states are written for people.

export const PHASES = ["baseline", "prepare", "backoffice", "agents", "complete"];
export const SHAPES = {
  ok: "✓", broken: "✕", unproven: "?", pending: "○", waived: "w", attested: "a", advised: "·",
  unverifiable: "~", suspect: "!", READY: "✓", NOT_READY: "✕", INCONCLUSIVE: "?",
};
export const WORST = ["broken", "unproven", "pending", "waived", "attested", "ok", "advised"]; // first
export const WELL = ["ok", "advised", "waived", "attested"];
const BINDING = ["serve", "permit", "closed"];
const MINUTE = 60, HOUR = 3600, DAY = 86400;

const DAYTIME = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const DATED = new Intl.DateTimeFormat("en-GB", {
  day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", second: "2-digit",
});
const DISTANT = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit" });
const DATE = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });

/** Write a moment: the time of today, else with its date, and of another year with that. */
export function moment(text) {
  if (!text) return null;
  const then = new Date(text);
  const now = new Date();
  if (then.toDateString() === now.toDateString()) return DAYTIME.format(then);
  return (then.getFullYear() === now.getFullYear() ? DATED : DISTANT).format(then);
}

export function day(text) {
  return DATE.format(new Date(text));
}

/** Write seconds in two units at most: "3 d 4 h", "12 min". */
export function span(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  if (whole < MINUTE) return `${whole} s`;
  if (whole < HOUR) return `${Math.floor(whole / MINUTE)} min`;
  if (whole < DAY) return two(whole, HOUR, "h", MINUTE, "min");
  return two(whole, DAY, "d", HOUR, "h");
}

function two(whole, big, bigWord, small, smallWord) {
  const rest = Math.floor((whole % big) / small);
  return `${Math.floor(whole / big)} ${bigWord}${rest ? ` ${rest} ${smallWord}` : ""}`;
}

/** Write how long ago something was. */
export function since(text) {
  return span((Date.now() - new Date(text)) / 1000);
}

export function milliseconds(seconds) {
  if (seconds === null || seconds === undefined) return null;
  return `${(seconds * 1000).toFixed(seconds < 0.01 ? 2 : 0)} ms`;
}

/** Read the id of a path. */
export function partsOf(path) {
  const [, flow, src, dst, port] = /^([^:]*):([^>]*)>([^:]*):(.*)$/.exec(path) ?? [null, "", path, "", ""];
  return { flow, src, dst, port };
}

/** What a row of the matrix counts as: what does not bind is only shown. */
export function stateOf(row) {
  const isLocal = row.scope === "local" && row.expect !== "serve";
  if (!BINDING.includes(row.expect) || isLocal) return "advised";
  return row.pending ? "pending" : row.verdict;
}

/** What a path counts as in one of its phases. */
export function stateIn({ binding, pending, verdict }) {
  if (!binding) return "advised";
  return pending ? "pending" : verdict;
}

/** Say what the phases expect in as few words as they need: "permit in prepare, serve from agents on". */
export function expected(phases) {
  const runs = [];
  PHASES.forEach((phase, at) => {
    const expect = phases[phase]?.expect;
    const last = runs.at(-1);
    if (last?.expect === expect) last.end = at;
    else runs.push({ expect, start: at, end: at });
  });
  return runs.filter((run) => run.expect).map((run) => `${run.expect} ${stretch(run)}`).join(", ");
}

function stretch({ start, end }) {
  const last = PHASES.length - 1;
  if (start === 0 && end === last) return "in every phase";
  if (start === end) return `in ${PHASES[start]}`;
  if (end === last) return `from ${PHASES[start]} on`;
  return start === 0 ? `up to ${PHASES[end]}` : `from ${PHASES[start]} to ${PHASES[end]}`;
}

/** Write a count with its noun: "1 path", "3 paths". */
export function counted(count, noun) {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

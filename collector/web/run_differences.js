// How a second run differs from a first one, as `gatewatch run diff` tells it. Pure.

const CHANGES = ["broke", "fixed", "changed", "added", "removed"];

/** List the paths of which two runs say something else, what broke first: `{change, path, old, now}`. */
export function differences(first, second) {
  const [before, after] = [first, second].map((rows) => new Map(rows.map((row) => [row.path, row])));
  const paths = [...new Set([...before.keys(), ...after.keys()])];
  const found = paths.map((path) => ({ path, old: before.get(path), now: after.get(path) }))
    .map((one) => ({ ...one, change: changeOf(one) })).filter(({ change }) => change);
  return found.sort((one, other) => CHANGES.indexOf(one.change) - CHANGES.indexOf(other.change) || (one.path < other.path ? -1 : 1));
}

function changeOf({ old, now }) {
  if (!old) return "added";
  if (!now) return "removed";
  if (["verdict", "outcome", "reason"].every((key) => old[key] === now[key])) return null;
  if (now.verdict === "broken" && old.verdict !== "broken") return "broke";
  return old.verdict === "broken" && now.verdict === "ok" ? "fixed" : "changed";
}

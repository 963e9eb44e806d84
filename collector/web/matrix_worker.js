// Fetches rows of the matrix beside the page and hands over only those that are new, a few at a time:
// to read 25,000 rows takes longer than a page may stand still.

import { Away, Declined, Unknown, get } from "/web/api.js";

const AT_ONCE = 400;
const known = new Map(); // by path: what was handed over
let of = null; // the phase that they are of

async function load({ phase, only }) {
  const body = await get("matrix", { phase, agents: "rolled-up", ...only });
  if (phase !== of) known.clear();
  of = phase;
  const changed = [];
  const here = new Set();
  for (const row of body.rows) {
    row.observed_at = null; // moves with each measurement, and the matrix does not show it
    const written = JSON.stringify(row);
    here.add(row.path);
    if (known.get(row.path) !== written) {
      known.set(row.path, written);
      changed.push(row);
    }
  }
  const gone = [...known.keys()].filter((path) => covers(only, path) && !here.has(path));
  gone.forEach((path) => known.delete(path));
  return { plan: body.plan, agents: body.agents, changed, gone };
}

/** Decide whether what was asked for would have held a path. */
function covers(only, path) {
  if (!only) return true;
  if (only.src) return path.split(">")[0].endsWith(`:${only.src}`);
  return path.startsWith(`${only.flow}:`);
}

function kindOf(error) {
  if (error instanceof Unknown) return "unknown";
  if (error instanceof Declined) return "declined";
  return error instanceof Away ? "away" : "fault";
}

addEventListener("message", async ({ data: { ask, phase, only } }) => {
  try {
    const { changed, ...rest } = await load({ phase, only });
    for (let from = 0; from < changed.length; from += AT_ONCE) {
      postMessage({ ask, rows: changed.slice(from, from + AT_ONCE) });
    }
    postMessage({ ask, rows: [], done: { phase, only, ...rest } });
  } catch (error) {
    postMessage({ ask, rows: [], failed: { kind: kindOf(error), message: error.message } });
  }
});

// Fetches, and hands what came to the drawers; the chosen phase and path live in the address.

import { listen } from "/web/live.js";
import { drawLegend, drawMatrix, steerByKeys } from "/web/matrix.js";
import { PHASES, drawBlockers, drawDetail, drawPhases } from "/web/panel.js";

const SOONEST_MS = 1000; // after a refresh, or while the collector does not answer
const LATEST_MS = 10000; // without news: some change is no event, such as time that passes
const PATIENCE_MS = 10000;
const at = (id) => document.getElementById(id);
const plan = { digest: null, groups: new Map() };
let lastGood = 0;
let timer = null;
let soonest = 0;
let hasNews = false;
let isFetching = false;
let turn = 0; // Counts refreshes: whoever was overtaken by a later one draws nothing.

async function get(path) {
  const answer = await fetch(`/api/v1/${path}`, { signal: AbortSignal.timeout(PATIENCE_MS) });
  if (answer.ok) return answer.json();
  if (answer.status < 500 && answer.status !== 401) return null;
  throw new Error(`${path}: ${answer.status}`);
}

function asked() {
  const words = new URLSearchParams(location.search);
  return { phase: words.get("phase"), path: words.get("path") };
}

/** Write the address of this page with another phase or path. */
function addressOf(change) {
  const words = new URLSearchParams(location.search);
  for (const [key, value] of Object.entries(change)) words.set(key, value);
  return `?${words}`;
}

function choose(change) {
  if (addressOf(change) !== location.search) history.pushState(null, "", addressOf(change));
  refresh();
}

async function groupsOf(digest) {
  if (plan.digest !== digest) {
    const paths = await get("plan");
    plan.groups = new Map(paths.map((path) => [path.path, path.groups]));
    plan.digest = digest;
  }
  return plan.groups;
}

async function fetchAll() {
  const { phase: wanted, path } = asked();
  const current = (await get("phase")).phase;
  const phase = PHASES.includes(wanted) ? wanted : current;
  const [matrix, hosts, view, ...gates] = await Promise.all([
    get(`matrix?phase=${phase}`),
    get("hosts"),
    path ? get(`path?path=${encodeURIComponent(path)}`) : null,
    ...PHASES.map((one) => get(`gates/${one}`)),
  ]);
  const groups = await groupsOf(matrix.plan);
  return { current, phase, path, rows: matrix.rows, hosts, view, gates, groups };
}

function draw({ current, phase, path, rows, hosts, view, gates, groups }) {
  const sites = new Map(hosts.map((host) => [host.host, host.site]));
  const gate = gates[PHASES.indexOf(phase)];
  drawPhases(at("phases"), gates, current, phase, addressOf);
  drawMatrix(at("matrix"), { rows, groupsOf: groups, sites, chosen: path, gate });
  drawBlockers(at("blockers"), gate);
  drawDetail(at("detail"), view, phase, path);
  for (const id of ["chosen", "blocked"]) at(id).textContent = phase;
  document.title = `${gate ? `${gate.state.replace("_", " ")} ` : ""}${phase} · Gatewatch`;
  const probes = hosts.filter((host) => host.probe);
  const up = probes.filter((host) => host.probe.up).length;
  tell("live", `live, ${up} of ${probes.length} probes reporting`);
}

function tell(state, words) {
  at("live").dataset.state = state;
  if (at("live").textContent !== words) at("live").textContent = words;
}

function refreshIn(milliseconds) {
  clearTimeout(timer);
  timer = setTimeout(refresh, milliseconds);
}

/** Refresh at once where nothing was heard of late; a crowd of events is one refresh. */
function hear() {
  hasNews = true;
  if (!isFetching) refreshIn(Math.max(0, soonest - performance.now()));
}

async function refresh() {
  clearTimeout(timer);
  const mine = ++turn;
  const began = performance.now();
  [isFetching, hasNews] = [true, false];
  try {
    const all = await fetchAll();
    if (mine !== turn) return;
    draw(all);
    lastGood = Date.now();
  } catch (error) {
    if (mine !== turn) return;
    const seconds = Math.round((Date.now() - lastGood) / 1000);
    tell("stale", lastGood ? `no news for ${seconds} s: the collector does not answer` : "no collector");
    console.error(error);
    hasNews = true; // to see it come back
  }
  isFetching = false;
  const rest = Math.max(SOONEST_MS, 5 * (performance.now() - began));
  soonest = performance.now() + rest;
  refreshIn(hasNews ? rest : Math.max(rest, LATEST_MS));
}

addEventListener("click", (event) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return; // another tab, say
  const { phase, path } = event.target.closest("[data-phase], [data-path]")?.dataset ?? {};
  if (phase || path) {
    event.preventDefault();
    choose(phase ? { phase } : { path });
  }
});
addEventListener("popstate", refresh);
steerByKeys(at("matrix"));
drawLegend(at("legend"));
refresh();
listen(hear);

// Fetches, and hands what came to the drawers; the chosen phase and path live in the address.

import { drawLegend, drawMatrix } from "/web/matrix.js";
import { drawBlockers, drawDetail, drawPhases } from "/web/panel.js";

const PHASES = ["baseline", "prepare", "backoffice", "agents", "complete"];
const SOONEST_MS = 1000;
const PATIENCE_MS = 10000;
const at = (id) => document.getElementById(id);
const plan = { digest: null, groups: new Map() };
let lastGood = 0;
let timer = null;

async function get(path) {
  const answer = await fetch(`/api/v1/${path}`, { signal: AbortSignal.timeout(PATIENCE_MS) });
  if (answer.ok) return answer.json();
  if (answer.status < 500 && answer.status !== 401) return null;
  throw new Error(`${answer.status}`);
}

function asked() {
  const words = new URLSearchParams(location.search);
  return { phase: words.get("phase"), path: words.get("path") };
}

function choose(change) {
  const words = new URLSearchParams(location.search);
  for (const [key, value] of Object.entries(change)) words.set(key, value);
  history.pushState(null, "", `?${words}`);
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

async function draw() {
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
  const sites = new Map(hosts.map((host) => [host.host, host.site]));
  const answers = PHASES.map((one, index) => ({ phase: one, gate: gates[index] }));
  drawPhases(at("phases"), answers, current, phase, (one) => choose({ phase: one }));
  drawMatrix(at("matrix"), matrix.rows, groups, sites, path, (one) => choose({ path: one }));
  drawBlockers(at("blockers"), gates[PHASES.indexOf(phase)], (one) => choose({ path: one }));
  if (view) drawDetail(at("detail"), view, phase);
  for (const id of ["chosen", "blocked"]) at(id).textContent = phase;
  const probes = hosts.filter((host) => host.probe);
  const up = probes.filter((host) => host.probe.up).length;
  tell("live", `live, ${up} of ${probes.length} probes reporting`);
}

function tell(state, words) {
  at("live").dataset.state = state;
  at("live").textContent = words;
}

async function refresh() {
  clearTimeout(timer);
  const began = performance.now();
  try {
    await draw();
    lastGood = Date.now();
  } catch (error) {
    const seconds = Math.round((Date.now() - lastGood) / 1000);
    tell("stale", lastGood ? `no news for ${seconds} s: the collector does not answer` : "no collector");
    console.error(error);
  }
  timer = setTimeout(refresh, Math.max(SOONEST_MS, 5 * (performance.now() - began)));
}

addEventListener("popstate", refresh);
drawLegend(at("legend"));
refresh();

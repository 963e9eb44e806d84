// The machines of the estate: how their probes fare, and where somebody works.

import { get } from "/web/api.js";
import { element, holding, show } from "/web/dom.js";
import { counted, moment, since } from "/web/words.js";

const HEADS = ["host", "roles", "site", "address", "SES version", "probe", "last seen", "release", "spool", "clock"];
const NUMBERS = ["spool", "clock", "agents", "reporting", "silent", "away"];
const SKEWED_SECONDS = 2;
const MOST = 500;

export class HostsView {
  static title = "hosts";

  constructor(container, frame) {
    this.frame = frame;
    this.container = container;
  }

  async refresh(isLate) {
    const { asked } = this.frame;
    const group = asked.get("group");
    const [hosts, windows, probes] = await Promise.all([
      get("hosts", group ? { group, site: asked.get("site") } : { agents: "rolled-up" }), get("maintenance"), get("probes"),
    ]);
    if (!isLate()) this.#draw(hosts, windows, probes, group);
  }

  #draw(hosts, windows, probes, group) {
    const { frame } = this;
    const worst = [...hosts].sort((one, other) => rank(one) - rank(other) || (one.host < other.host ? -1 : 1)).slice(0, MOST);
    const title = group ? `Agents of ${group}${frame.asked.get("site") ? `, ${frame.asked.get("site")}` : ""}` : "Hosts";
    const rest = hosts.length > MOST ? element("p", `The first ${MOST} of ${hosts.length}; those that do not report stand first.`, { class: "quiet" }) : null;
    show(this.container,
      group ? element("a", "← All hosts", { href: frame.address({ group: null, site: null }), class: "back" }) : null,
      holding("section", [element("h2", title), scrolled(table(HEADS, worst.map((host) => row(host, frame)))), rest], { class: "card" }),
      group ? null : agents(probes, frame), maintenance(windows));
  }
}

function rank({ probe }) {
  if (!probe) return 4;
  if (!probe.up) return probe.last_seen ? 0 : 1;
  return probe.away ? 2 : 3;
}

function stateOf(probe) {
  if (!probe) return element("span", "none", { class: "quiet" });
  const [word, state] = !probe.up ? [probe.last_seen ? "silent" : "never reported", "broken"]
    : probe.away ? ["away", "unproven"] : ["up", "ok"];
  const shape = { ok: "✓", broken: "✕", unproven: "?" }[state];
  return holding("span", [element("span", shape, { class: "mark", "data-verdict": state }), ` ${word}`]);
}

function row({ host, roles, site, address, version, version_source: source, virtual, probe }, frame) {
  const name = element("a", host, { href: frame.address({ host, path: null, kind: null }, "/events"), title: "What happened to it" });
  const skew = probe?.skew;
  const isSkewed = Math.abs(skew ?? 0) >= SKEWED_SECONDS;
  const spool = probe && probe.spooled !== null ? [probe.spooled, probe.dropped ? `${probe.dropped} dropped` : null,
    probe.durable === false ? "in memory only" : null].filter((one) => one !== null).join(", ") : "";
  return holding("tr", [
    holding("th", [name, virtual ? element("small", " virtual") : null], { scope: "row" }),
    element("td", roles.join(", ")), element("td", site ?? ""), element("td", address),
    holding("td", [version ?? "", source ? element("small", ` ${source}`) : null]), holding("td", [stateOf(probe)]),
    element("td", probe?.last_seen ? `${moment(probe.last_seen)}, ${since(probe.last_seen)}` : ""),
    element("td", probe?.version ?? ""), element("td", spool, { class: "number" }),
    element("td", clockOf(skew),
      { class: "number", "data-verdict": isSkewed ? "unproven" : null }),
  ]);
}

/** By how much a probe's clock is ahead. */
function clockOf(skew) {
  if (skew === null || skew === undefined) return "";
  const size = Math.abs(skew).toFixed(Math.abs(skew) < 1 ? 2 : 0);
  return Number(size) ? `${skew > 0 ? "+" : "−"}${size} s` : "0 s";
}

function agents(counts, frame) {
  const rows = counts.agents.map(({ group, site, probes, up, away }) => holding("tr", [
    holding("th", [element("a", group, { href: frame.address({ group, site }) })], { scope: "row" }), element("td", site ?? "no site"),
    element("td", probes, { class: "number" }), element("td", up, { class: "number" }),
    element("td", probes - up, { class: "number" }), element("td", away, { class: "number" }),
  ]));
  if (!rows.length) return null;
  return holding("section", [element("h2", "Agents by group and site"),
    scrolled(table(["group", "site", "agents", "reporting", "silent", "away"], rows))], { class: "card" });
}

function maintenance(windows) {
  const items = windows.map(({ hosts, site, reason, from, until, in_force: holds, by }) => holding("li", [
    element("span", holds ? "✓" : "○", { class: "mark", "data-verdict": "pending" }),
    holding("span", [element("b", hosts ? `hosts ${hosts}` : `site ${site}`), ` ${reason}`,
      element("small", `${holds ? "" : `from ${moment(from)} `}until ${moment(until)}${by ? `, by ${by}` : ""}`)]),
  ]));
  const command = holding("p", ["To begin one: ", element("code", "gatewatch maintenance add --hosts NAME --until 2h --reason TEXT")], { class: "quiet" });
  const title = element("h2", windows.length ? `Maintenance: ${counted(windows.length, "window")}` : "Maintenance");
  return holding("section", [title, items.length ? holding("ul", items, { class: "list" }) : element("p", "Nobody works anywhere now.", { class: "quiet" }), command], { class: "card" });
}

function table(heads, rows) {
  const head = heads.map((word) => element("th", word, { scope: "col", class: NUMBERS.includes(word) ? "number" : null }));
  return holding("table", [holding("thead", [holding("tr", head)]), holding("tbody", rows)], { class: "table" });
}

function scrolled(child) {
  return holding("div", [child], { class: "scroll" });
}

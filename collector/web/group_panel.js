// A group's agents towards one destination's port: how many fare how, and the worst of them.

import { find } from "/web/api.js";
import { element, holding, show } from "/web/dom.js";
import { SHAPES, WORST, counted, partsOf, stateOf } from "/web/words.js";

const MOST = 50;

/** Fetch what is chosen: counts by site, and the worst agents. */
export async function fetchGroup(asked, phase) {
  const group = asked.get("group");
  const [dst, port] = (asked.get("to") ?? "").split(" ");
  const scope = { phase, group, dst, site: asked.get("at") };
  const [rolled, worst] = await Promise.all([
    find("matrix", { ...scope, agents: "rolled-up" }), find("matrix", { ...scope, worst: 4 * MOST }),
  ]);
  const isHere = (one) => `${one.proto}/${one.port}` === port;
  return { group, dst, port, cells: (rolled?.agents ?? []).filter((one) => one.group === group && isHere(one)),
    rows: (worst?.rows ?? []).filter(isHere).slice(0, MOST) };
}

/** Say how a group's agents fare. */
export function drawGroup(section, found, frame) {
  if (!found?.cells.length) {
    return show(section, element("h2", "Agents"), element("p", `Nothing is expected of ${found?.group} here in ${frame.phase}.`));
  }
  const { group, dst, port, cells, rows } = found;
  const heading = holding("h2", [`${group} → ${dst} `, element("small", `${port} · ${[...new Set(cells.map(({ flow }) => flow))].join(", ")}`)]);
  const sites = holding("table", [
    holding("thead", [holding("tr", [element("th", "site"), ...WORST.filter((word) => sum(cells, word)).map((word) =>
      element("th", word, { class: "number" }))])]),
    holding("tbody", cells.map((cell) => holding("tr", [element("th", cell.site ?? "no site", { scope: "row" }),
      ...WORST.filter((word) => sum(cells, word)).map((word) => element("td", cell.counts[word] ?? "", { class: "number" }))]))),
  ], { class: "table" });
  const total = WORST.reduce((all, word) => all + sum(cells, word), 0);
  const lines = rows.map((row) => {
    const state = stateOf(row);
    const link = element("a", partsOf(row.path).src, { href: frame.address({ path: row.path, group: null, to: null, at: null }) });
    return holding("li", [element("span", SHAPES[state] ?? "!", { class: "mark", "data-verdict": state }),
      holding("span", [link, element("small", row.reason)])]);
  });
  const shown = rows.length < total ? `The worst ${rows.length} of ${counted(total, "agent")}` : counted(total, "agent");
  show(section, heading, sites, element("h3", shown), holding("ul", lines, { class: "list tall" }));
}

function sum(cells, word) {
  return cells.reduce((all, { counts }) => all + (counts[word] ?? 0), 0);
}

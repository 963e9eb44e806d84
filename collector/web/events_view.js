// What happened, the newest first.

import { get } from "/web/api.js";
import { element, holding, show } from "/web/dom.js";
import { SHAPES, moment, partsOf } from "/web/words.js";

const PAGE = 100;
const KINDS = ["turn", "suspect", "phase", "version", "inventory", "goal", "probe", "waiver", "attestation", "maintenance", "run", "credential"];

/** Write a time that stands within a word as people do. */
function readable(word) {
  return word.replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, (text) => moment(text));
}

export class EventsView {
  static title = "events";

  constructor(container, frame) {
    this.frame = frame;
    this.list = element("tbody", null);
    this.more = element("p", null, { class: "tabs" });
    const head = ["when", "kind", "what", "change", "why", "by"].map((word) => element("th", word, { scope: "col" }));
    const table = holding("table", [holding("thead", [holding("tr", head)]), this.list], { class: "table events" });
    const scroll = holding("div", [table], { class: "scroll" });
    container.append(holding("section", [holding("div", [element("h2", "Events"), this.#filters()], { class: "bar" }), scroll, this.more], { class: "card" }));
  }

  async refresh(isLate) {
    const { asked } = this.frame;
    const about = Object.fromEntries(["kind", "path", "host", "before"].map((key) => [key, asked.get(key)]));
    const events = await get("events", { ...about, limit: PAGE });
    if (isLate()) return;
    show(this.list, ...(events.length ? events.map((event) => this.#row(event))
      : [holding("tr", [element("td", "Nothing happened.", { colspan: 6, class: "quiet" })])]));
    const oldest = events.at(-1)?.id;
    show(this.more,
      asked.get("before") ? element("a", "Newest", { href: this.frame.address({ before: null }) }) : null,
      events.length === PAGE ? element("a", "Older", { href: this.frame.address({ before: oldest }) }) : null);
  }

  #row({ at, kind, subject, before, after, reason, by }) {
    const { src, dst, port, flow } = partsOf(subject);
    const what = dst
      ? holding("a", [`${src} → ${dst} `, element("b", port), element("small", ` ${flow}`)], { href: this.frame.address({ path: subject }, "/path") })
      : kind === "run" ? element("a", subject, { href: this.frame.address({ run: subject }, "/runs") }) : element("span", subject);
    const verdict = kind === "suspect" ? "suspect" : after;
    const mark = SHAPES[verdict] ? element("span", SHAPES[verdict], { class: "mark", "data-verdict": verdict }) : null;
    const change = [before, after].filter(Boolean).map(readable).join(" → ");
    return holding("tr", [
      holding("td", [element("time", moment(at), { datetime: at })]), element("td", kind), holding("td", [what]),
      holding("td", [mark, ` ${change}`], { class: "change" }), element("td", reason, { class: "reason" }), element("td", by ?? ""),
    ]);
  }

  #filters() {
    const { frame } = this;
    const kinds = [["", "any"], ...KINDS.map((kind) => [kind, kind])].map(([value, word]) =>
      element("option", word, { value, selected: value === (frame.asked.get("kind") ?? "") ? "" : null }));
    const field = (name, word) => holding("label", [element("span", word), element("input", null, {
      name, type: "search", value: frame.asked.get(name) ?? "", placeholder: "any", autocomplete: "off", spellcheck: "false" })]);
    const form = holding("form", [holding("label", [element("span", "kind"), holding("select", kinds, { name: "kind" })]),
      field("path", "path"), field("host", "host")], { id: "filters", role: "search", "aria-label": "Filter the events" });
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("change", () => {
      const said = Object.fromEntries(new FormData(form));
      frame.go({ ...Object.fromEntries(Object.entries(said).map(([key, value]) => [key, value || null])), before: null });
    });
    return form;
  }
}

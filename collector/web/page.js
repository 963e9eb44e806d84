// The frame: it knows the address and the phase, asks for what all pages show, and has one page drawn.

import { Declined, Unknown, get } from "/web/api.js";
import { check } from "/web/check_now.js";
import { EventsView } from "/web/events_view.js";
import { GateView } from "/web/gate_view.js";
import { HostsView } from "/web/hosts_view.js";
import { listen } from "/web/live.js";
import { MatrixView } from "/web/matrix_view.js";
import { PathView } from "/web/path_view.js";
import { drawPhases } from "/web/phases.js";
import { RunsView } from "/web/runs_view.js";
import { askToSignIn, drawWho, isMissing, session } from "/web/sign_in.js";
import { PHASES, moment, since } from "/web/words.js";

const VIEWS = { "/": MatrixView, "/path": PathView, "/gates": GateView, "/runs": RunsView, "/events": EventsView, "/hosts": HostsView };
const KEPT = { "/": ["phase", "path"], "/path": ["phase", "path"], "/gates": ["phase", "done"], "/runs": ["run"], "/events": ["host", "path"], "/hosts": ["group", "site"] };
const SOONEST_MS = 700; // after a refresh, or while the collector does not answer
const LATEST_MS = 10000; // without news: some change is no event, such as time that passes
const BUSY_MS = 1000; // while a run goes on
const at = (id) => document.getElementById(id);

class Frame {
  asked = new URLSearchParams(location.search);
  current = null;
  phase = null;
  probes = { probes: 0, up: 0 };
  who = { required: false, role: null };
  #view = null;
  #place = null;
  #turn = 0; // counts refreshes: whoever was overtaken by a later one draws nothing
  #timer = null;
  #soonest = 0;
  #hasNews = false;
  #isFetching = false;
  #lastGood = null;
  #begun = {};
  #unlisten = null;

  get mayOperate() {
    return !this.who.required || this.who.role === "operator";
  }

  /** When the collector began, as far as is known. */
  get began() {
    return Math.min(...Object.values(this.#begun).map((moment) => Date.parse(moment)));
  }

  /** Write the address of a page with other words; of another page, only what both know. */
  address(change, place = location.pathname) {
    const words = new URLSearchParams(place === location.pathname ? this.asked : "");
    if (place !== location.pathname && this.asked.get("phase")) words.set("phase", this.asked.get("phase"));
    for (const [key, value] of Object.entries(change)) {
      if (value === null || value === undefined) words.delete(key);
      else if (place === location.pathname || KEPT[place].includes(key)) words.set(key, value);
    }
    return words.size ? `${place}?${words}` : place;
  }

  /** Go to other words of this page. */
  go(change) {
    this.#visit(this.address(change));
  }

  /** The same, but nothing to go back to. */
  amend(change) {
    history.replaceState(null, "", this.address(change));
    this.asked = new URLSearchParams(location.search);
  }

  #visit(address) {
    if (address !== location.pathname + location.search) history.pushState(null, "", address);
    this.arrive();
  }

  /** Show what the address says now. */
  arrive() {
    this.asked = new URLSearchParams(location.search);
    if (this.#place !== location.pathname) {
      this.#view?.end?.();
      this.#place = location.pathname;
      at("view").replaceChildren();
      at("view").dataset.place = this.#place;
      this.#view = new (VIEWS[this.#place] ?? MatrixView)(at("view"), this);
      for (const link of at("places").children) {
        const isHere = link.pathname === this.#place || (link.pathname === "/" && this.#place === "/path");
        if (isHere) link.setAttribute("aria-current", "page");
        else link.removeAttribute("aria-current");
      }
    }
    this.#choose();
    this.#view.arrive?.();
    this.refresh();
  }

  /** Draw again what was fetched a moment ago. */
  redraw() {
    this.#refreshIn(0);
  }

  async refresh() {
    clearTimeout(this.#timer);
    const mine = ++this.#turn;
    const isLate = () => mine !== this.#turn;
    const began = performance.now();
    [this.#isFetching, this.#hasNews] = [true, false];
    try {
      await this.#fetchAll(isLate);
      if (isLate()) return;
      this.#lastGood = Date.now();
      this.#tell(null);
    } catch (error) {
      if (isLate()) return;
      if (error instanceof Unknown) return this.#signIn();
      this.#tell(error);
    }
    this.#isFetching = false;
    const rest = Math.max(SOONEST_MS, 4 * (performance.now() - began));
    this.#soonest = performance.now() + rest;
    const latest = this.#view.isBusy ? BUSY_MS : LATEST_MS;
    this.#refreshIn(this.#hasNews ? rest : Math.max(rest, latest));
  }

  async #fetchAll(isLate) {
    const { phase, since: began } = await get("phase");
    if (isLate()) return;
    const isAnother = phase !== this.current || began !== this.#begun[phase];
    this.current = phase;
    this.#choose();
    if (isAnother) await this.#fetchPhases(phase, began);
    await Promise.all([this.#view.refresh(isLate), this.#fetchGates(isLate)]);
  }

  /** Look at the phase of the address, else at the one that holds. */
  #choose() {
    const wanted = this.asked.get("phase");
    this.phase = PHASES.includes(wanted) ? wanted : this.current;
  }

  async #fetchGates(isLate) {
    const [gates, probes] = await Promise.all([get("gates"), get("probes")]);
    if (isLate()) return;
    this.probes = probes;
    const place = ["/", "/path", "/gates"].includes(location.pathname) ? location.pathname : "/";
    drawPhases(at("phases"), { gates, current: this.current, begun: this.#begun, phase: this.phase, href: (one) => this.address({ phase: one }, place) });
    const gate = gates[PHASES.indexOf(this.phase)];
    document.title = `${gate.state ? `${gate.state.replace("_", " ")} ` : ""}${this.phase} · ${this.#view.constructor.title} · Gatewatch`;
  }

  async #fetchPhases(phase, began) {
    const found = await get("events", { kind: "phase", limit: 100 });
    this.#begun = {};
    for (const { after, at: moment } of found) if (after) this.#begun[after] ??= moment;
    this.#begun[phase] = began;
    if (phase !== "baseline" || found.length) this.#begun.baseline ??= (await get("events", { after: 0, limit: 1 }))[0]?.at;
  }

  #tell(error) {
    const { probes, up } = this.probes;
    const isStale = error !== null && !(error instanceof Declined);
    at("live").dataset.state = isStale ? "stale" : "live";
    write(at("live"), isStale ? "not live" : `live, ${up} of ${probes} probes reporting`);
    document.body.toggleAttribute("data-stale", isStale);
    at("stale").hidden = error === null;
    if (isStale) {
      const last = this.#lastGood;
      write(at("stale"), last
        ? `The collector does not answer: what you see is of ${moment(last)}, ${since(last)} ago. Trying again.`
        : "The collector does not answer. Trying again.");
      console.warn(error);
      this.#hasNews = true; // to see it come back
    } else if (error) write(at("stale"), error.message);
  }

  #refreshIn(milliseconds) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.refresh(), milliseconds);
  }

  /** Refresh at once where nothing was heard of late; a crowd of events is one refresh. */
  #hear(event) {
    this.#view.hear?.(event);
    this.#hasNews = true;
    if (!this.#isFetching) this.#refreshIn(Math.max(0, this.#soonest - performance.now()));
  }

  #signIn() {
    clearTimeout(this.#timer);
    this.#unlisten?.();
    this.#view?.end?.();
    [this.#place, this.#view] = [null, null];
    at("phases").replaceChildren();
    at("who").hidden = true;
    at("stale").hidden = true;
    write(at("live"), "not signed in");
    at("live").dataset.state = "out";
    askToSignIn(at("view"), () => this.begin());
  }

  /** Find out who we are, and start. */
  async begin() {
    try {
      this.who = await session();
    } catch (error) {
      this.#tell(error);
      this.#timer = setTimeout(() => this.begin(), SOONEST_MS * 3);
      return;
    }
    if (isMissing(this.who)) return this.#signIn();
    drawWho(at("who"), this.who, () => this.#signIn());
    this.arrive();
    this.#unlisten = listen((event) => this.#view && this.#hear(event));
  }

  /** Follow links of the page without loading it anew, and do what its buttons say. */
  async click(event) {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button || event.defaultPrevented) return; // another tab, say
    const path = event.target.closest("[data-check]")?.dataset.check;
    if (path) return check(await get("path", { path }), this);
    const link = event.target.closest("a[href]");
    if (!this.#view || !link || link.origin !== location.origin || !(link.pathname in VIEWS) || link.hash) return;
    event.preventDefault();
    this.#visit(link.pathname + link.search);
  }
}

function write(place, words) {
  if (place.textContent !== words) place.textContent = words;
}

const frame = new Frame();
addEventListener("click", (event) => frame.click(event));
addEventListener("popstate", () => frame.arrive());
frame.begin();

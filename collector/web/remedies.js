// What to do about what was seen, in one sentence: the first thing to try, not the only one.

import { partsOf } from "/web/words.js";

/** Advise on what has one cause: blockers, or a path as a phase sees it, each
 * `{path, group, dst, flow, expect, outcome}`. */
export function remedyOf(cause) {
  const [{ expect, outcome, reason }] = cause;
  const ends = cause.map(({ path, group, flow, dst }) => (path
    ? { ...partsOf(path), dst } : { src: `the agents of ${group}`, dst, port: `the port of ${flow}` }));
  const [src, dst, port] = [["src", "their sources"], ["dst", "their destinations"], ["port", "these ports"]]
    .map(([end, several]) => (new Set(ends.map((one) => one[end])).size === 1 ? ends[0][end] : several));
  if (expect === "closed") return closed(dst, port);
  switch (outcome) {
    case "rejected":
      return `Let the device that rejected it allow ${src} to reach ${dst} on ${port}.`;
    case "filtered":
    case "silent":
      return expect === "permit"
        ? `Nothing tells a firewall's silence from a host's: have a witness listen on ${dst}, or attest how it was proven.`
        : `Something on the way drops it: allow ${src} to reach ${dst} on ${port}, on ${dst}'s own firewall too.`;
    case "refused":
      return `Nothing listens there: start the service on ${dst}, or look on which port it listens.`;
    case "reset":
    case "hung":
      return `It connects and says nothing: look at the service on ${dst}, and at any proxy or inspection between.`;
    case "unresolved":
      return `${src} cannot resolve the name of ${dst}: look at its DNS servers.`;
    case "unreachable":
      return `${src} has no route to ${dst}, or ${dst} is off: look at both.`;
    case "denied":
      return `The firewall of ${src} itself forbids it: allow it out to ${dst} on ${port}.`;
    case "open":
    case "answered":
      return `Something else answers there: look at what listens on ${dst} behind ${port}, or what intercepts it.`;
    case "fault":
      return `The probe of ${src} could not measure: look at its log.`;
    default:
      return /^never measured/.test(reason ?? "")
        ? `Install and start the probe of ${src}, or look why it does not report.`
        : `Its measurement is too old: look why the probe of ${src} does not report.`;
  }
}

function closed(dst, port) {
  return `Close ${port} towards ${dst} in the firewalls, and end what still uses it.`;
}

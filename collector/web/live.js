// Says what the collector has news of, as it becomes durable.

const AGAIN_MS = 5000;

/** Call `hear` with every event, and with null whenever the stream begins or breaks; it mends itself.
 *
 * A page that nobody sees lets its stream go: a browser has six connections to one server, and
 * would let the seventh tab wait for ever. Returns what ends it. */
export function listen(hear) {
  let source = null;
  let timer = null;
  let isOver = false;

  function open() {
    source?.close();
    clearTimeout(timer);
    if (isOver) return;
    source = new EventSource("/api/v1/events/stream");
    source.onopen = () => hear(null);
    source.onmessage = ({ data }) => hear(JSON.parse(data));
    source.onerror = ({ target }) => {
      hear(null);
      // A browser comes back by itself when a stream ends, not when it is declined.
      if (target === source && target.readyState === EventSource.CLOSED) timer = setTimeout(open, AGAIN_MS);
    };
  }

  function see() {
    if (document.visibilityState === "visible") open();
    else source?.close();
  }

  document.addEventListener("visibilitychange", see);
  open();
  return () => {
    isOver = true;
    document.removeEventListener("visibilitychange", see);
    open();
  };
}

/** Follow how far a run is until it is over: `hear` gets its progress, or null where the stream broke. */
export function followRun(id, hear) {
  const source = new EventSource(`/api/v1/runs/${id}/events`);
  source.onmessage = ({ data }) => {
    const progress = JSON.parse(data);
    if (progress.state !== "running") source.close();
    hear(progress);
  };
  source.onerror = () => {
    if (source.readyState === EventSource.CLOSED) hear(null);
  };
  return () => source.close();
}

// Says when the collector has news. What the news are the page asks for itself.

const AGAIN_MS = 5000;

/** Call `hear` on every event, and whenever the stream begins or breaks; it mends itself.
 *
 * A page that nobody sees lets its stream go: a browser has six connections to one server, and
 * would let the seventh tab wait for ever. */
export function listen(hear) {
  let source = null;

  function open() {
    source?.close();
    source = new EventSource("/api/v1/events/stream");
    source.onopen = hear;
    source.onmessage = hear;
    source.onerror = ({ target }) => {
      hear();
      // A browser comes back by itself when a stream ends, not when it is declined.
      if (target === source && target.readyState === EventSource.CLOSED) setTimeout(open, AGAIN_MS);
    };
  }

  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") open();
    else source.close();
  });
  open();
}

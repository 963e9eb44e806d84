// Says when the collector has news. What the news are the page asks for itself.

const AGAIN_MS = 5000;

/** Call `hear` on every event, and whenever the stream begins or breaks; it mends itself. */
export function listen(hear) {
  const source = new EventSource("/api/v1/events/stream");
  source.onopen = hear;
  source.onmessage = hear;
  source.onerror = () => {
    hear();
    // A browser comes back by itself when a stream ends, not when it is declined.
    if (source.readyState === EventSource.CLOSED) setTimeout(listen, AGAIN_MS, hear);
  };
}

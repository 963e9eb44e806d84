// The collector's API: every call of the page goes through here.

const PATIENCE_MS = 20000;
const LATER = [408, 429]; // too slow, too often: it may go well in a while
const NOT_THERE = [404, 409]; // no such path, say; nothing to judge
const FROM_PAGE = { "X-Gatewatch": "page" }; // no other site can send it: what a cookie does is ours

/** The collector does not answer, or cannot. */
export class Away extends Error {}

/** It wants to know who asks. */
export class Unknown extends Error {}

/** It declined; the message is its sentence for the operator. */
export class Declined extends Error {
  constructor(problem) {
    super(problem.detail ?? problem.title ?? "the collector declined");
    this.status = problem.status;
  }
}

async function call(method, path, body) {
  let answer;
  try {
    answer = await fetch(`/api/v1/${path}`, {
      method,
      headers: body === undefined ? FROM_PAGE : { ...FROM_PAGE, "Content-Type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
  } catch (error) {
    throw new Away(`${path}: ${error.message}`);
  }
  if (answer.ok) return answer.status === 204 ? null : answer.json();
  if (answer.status === 401) throw new Unknown(path);
  const problem = await answer.json().catch(() => ({ status: answer.status, title: answer.statusText }));
  if (answer.status >= 500 || LATER.includes(answer.status)) throw new Away(problem.detail ?? `${path}: ${answer.status}`);
  throw new Declined({ ...problem, status: answer.status });
}

/** Ask for something; throws Away, Unknown or Declined. */
export function get(path, query = {}) {
  const asked = Object.entries(query).filter(([, value]) => value !== null && value !== undefined && value !== "");
  return call("GET", asked.length ? `${path}?${new URLSearchParams(asked)}` : path);
}

/** Ask for something that there may not be; null where there is none. */
export async function find(path, query = {}) {
  try {
    return await get(path, query);
  } catch (error) {
    if (error instanceof Declined && NOT_THERE.includes(error.status)) return null;
    throw error;
  }
}

/** Order something; throws like `get`. */
export function post(path, body) {
  return call("POST", path, body);
}

/** Take something back; throws like `get`. */
export function remove(path) {
  return call("DELETE", path);
}

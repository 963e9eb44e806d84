// Signing in with a token: the collector keeps it in a cookie that no script can read.

import { Declined, Unknown, find, post, remove } from "/web/api.js";
import { element, holding, show } from "/web/dom.js";

const NOT_REQUIRED = { required: false, name: null, role: null };

/** Ask who the collector takes us for. */
export async function session() {
  return (await find("session")) ?? NOT_REQUIRED;
}

/** Whether somebody has to sign in first. */
export function isMissing({ required, role }) {
  return required && !role;
}

/** Show the form; `done` is called when the collector knows us. */
export function askToSignIn(container, done) {
  const token = element("input", null, {
    name: "token", type: "password", required: "", autocomplete: "current-password", "aria-describedby": "sign-in-told" });
  const told = element("p", "", { id: "sign-in-told", role: "alert" });
  const form = holding("form", [
    element("h2", "Sign in"),
    element("p", "This collector wants to know who looks. Paste a token of the role viewer or operator.", { class: "quiet" }),
    holding("label", [element("span", "token"), token]),
    element("button", "Sign in", { type: "submit", class: "primary" }), told,
  ], { id: "sign-in", class: "card" });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    try {
      await post("session", { token: token.value.trim() });
      done();
    } catch (error) {
      const isRefused = error instanceof Unknown || error instanceof Declined;
      show(told, error instanceof Unknown ? "The collector does not know this token." : isRefused ? error.message : "The collector does not answer.");
      token.select();
    }
  });
  container.replaceChildren(form);
  token.focus();
}

/** Say who looks, and let them leave. */
export function drawWho(place, { required, name, role }, left) {
  place.hidden = !required || !role;
  if (place.hidden) return;
  const leave = element("button", "Sign out", { type: "button" });
  leave.onclick = async () => {
    await remove("session");
    left();
  };
  place.replaceChildren(element("span", name ? `${name}, ${role}` : role), leave);
}

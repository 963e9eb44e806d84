// Elements by code: text is always text, never markup, so nothing from the network can become a tag.

const SVG = "http://www.w3.org/2000/svg";

function dressed(made, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined && value !== false) made.setAttribute(name, value);
  }
  return made;
}

/** Make an element; attributes that are null or false are left out. */
export function element(tag, text, attributes = {}) {
  const made = document.createElement(tag);
  if (text !== null && text !== undefined) made.textContent = text;
  return dressed(made, attributes);
}

/** Make an element with children; those that are null or false are left out. */
export function holding(tag, children, attributes = {}) {
  const made = element(tag, null, attributes);
  made.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return made;
}

/** Make a part of a drawing. */
export function drawn(tag, attributes = {}, children = []) {
  const made = dressed(document.createElementNS(SVG, tag), attributes);
  made.append(...children);
  return made;
}

/** Make a list of terms and what is said of them; what is empty is left out. */
export function terms(pairs) {
  const said = pairs.filter(([, value]) => value !== null && value !== undefined && value !== "" && value !== false);
  return holding("dl", said.flatMap(([name, value]) => [
    element("dt", name),
    value instanceof Node ? holding("dd", [value]) : element("dd", value),
  ]));
}

/** Let an element hold these children and no others, by changing only what differs: what has the
 * focus keeps it, what is selected stays so, and nothing scrolls. */
export function show(parent, ...children) {
  const wanted = children.filter((child) => child !== null && child !== undefined && child !== false);
  wanted.forEach((child, index) => {
    const fresh = typeof child === "string" ? new Text(child) : child;
    const old = parent.childNodes[index];
    if (!old) parent.append(fresh);
    else if (old.nodeName !== fresh.nodeName) old.replaceWith(fresh);
    else if (old.nodeType === Node.TEXT_NODE) {
      if (old.data !== fresh.data) old.data = fresh.data;
    } else {
      takeAttributes(old, fresh);
      show(old, ...fresh.childNodes);
    }
  });
  while (parent.childNodes.length > wanted.length) parent.lastChild.remove();
}

function takeAttributes(old, fresh) {
  for (const { name } of [...old.attributes]) {
    if (!fresh.hasAttribute(name)) old.removeAttribute(name);
  }
  for (const { name, value } of fresh.attributes) {
    if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
}

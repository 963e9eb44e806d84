// Elements by code: text is always text, never markup, so nothing from the network can become a tag.

/** Make an element; attributes that are null or false are left out. */
export function element(tag, text, attributes = {}) {
  const made = document.createElement(tag);
  if (text !== null) made.textContent = text;
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== false) made.setAttribute(name, value);
  }
  return made;
}

/** Make an element with children. */
export function holding(tag, children, attributes = {}) {
  const made = element(tag, null, attributes);
  made.append(...children);
  return made;
}

/** Let an element hold these children and no others, by changing only what differs: what has the
 * focus keeps it, what is selected stays so, and nothing scrolls. */
export function show(parent, ...children) {
  children.forEach((child, index) => {
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
  while (parent.childNodes.length > children.length) parent.lastChild.remove();
}

function takeAttributes(old, fresh) {
  for (const { name } of [...old.attributes]) {
    if (!fresh.hasAttribute(name)) old.removeAttribute(name);
  }
  for (const { name, value } of fresh.attributes) {
    if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
}

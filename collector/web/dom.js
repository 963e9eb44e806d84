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

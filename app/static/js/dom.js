/* Small helpers that several modules share. */

export function element(name, attributes = {}, text = "") {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text) made.textContent = text;
  return made;
}

export function debounce(action, milliseconds) {
  let timer;
  const later = (...values) => {
    clearTimeout(timer);
    timer = setTimeout(() => action(...values), milliseconds);
  };
  later.cancel = () => clearTimeout(timer);
  return later;
}

/* Full-width digits and signs as half-width ones: １，０００ → 1,000 */
export function halfWidth(text) {
  return text.normalize("NFKC");
}

export function csrfToken(near) {
  const field = near?.closest("form")?.querySelector("input[name=csrf_token]") ?? document.querySelector("input[name=csrf_token]");
  return field ? field.value : "";
}

/*
 * A form that is being sent is not sent again by a second click; back in the page (also from the cache) it works again.
 *   data-gives-file            the answer is a file: the page stays, so the form works again after a moment
 *   data-gives-file="name=value"   only while that field has that value
 */

const sent = new Map();
const FORGET_AFTER_MS = 15000; /* whatever answers without leaving the page and does not say so */
const DOUBLE_CLICK_MS = 700;

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post") return;
  if (sent.has(form)) {
    event.preventDefault();
    return;
  }
  form.setAttribute("aria-busy", "true");
  sent.set(form, setTimeout(() => release(form), givesFile(form) ? DOUBLE_CLICK_MS : FORGET_AFTER_MS));
});

function givesFile(form) {
  const said = form.dataset.givesFile;
  if (said === undefined) return false;
  const [name, value] = said.split("=");
  return !name || new FormData(form).get(name) === value;
}

function release(form) {
  clearTimeout(sent.get(form));
  sent.delete(form);
  form.removeAttribute("aria-busy");
}

window.addEventListener("pageshow", () => {
  for (const form of [...sent.keys()]) release(form);
});

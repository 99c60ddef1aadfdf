/* A form that is being sent is not sent again by a second click; back in the page (also from the cache) it works again. */

const sent = new Map();
const FORGET_AFTER_MS = 15000; /* a download answers without leaving the page */

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post") return;
  if (sent.has(form)) {
    event.preventDefault();
    return;
  }
  form.setAttribute("aria-busy", "true");
  sent.set(form, setTimeout(() => release(form), FORGET_AFTER_MS));
});

function release(form) {
  clearTimeout(sent.get(form));
  sent.delete(form);
  form.removeAttribute("aria-busy");
}

window.addEventListener("pageshow", () => {
  for (const form of [...sent.keys()]) release(form);
});

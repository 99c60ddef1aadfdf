/*
 * data-warn-unsaved on a form: the browser asks before the page is left with changes that were not sent.
 * data-unsaved-from-start: there is something to lose before anything is typed (the page of two versions, a form with errors).
 */

const changed = new Set();

for (const form of document.querySelectorAll("form[data-warn-unsaved]")) {
  const hasErrors = document.querySelector("[data-error-summary]") !== null;
  if (form.hasAttribute("data-unsaved-from-start") || hasErrors) changed.add(form);
  for (const type of ["input", "change"]) {
    form.addEventListener(type, () => changed.add(form));
  }
}

document.addEventListener("submit", (event) => {
  if (!event.defaultPrevented) changed.delete(event.target);
});

window.addEventListener("beforeunload", (event) => {
  if (changed.size > 0) event.preventDefault();
});

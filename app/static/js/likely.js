/*
 * data-likely-url: while a record is typed, shows what looks like it. data-likely-fields names the fields that are sent
 * (POST, so that nothing typed stands in an address). The answer is a fragment of HTML; empty when nothing is alike.
 */

import { csrfToken, debounce } from "./dom.js";

for (const place of document.querySelectorAll("[data-likely-url]")) {
  const form = place.closest("form");
  const names = place.dataset.likelyFields.split(",");
  let asked = 0;

  const ask = debounce(async () => {
    const number = ++asked;
    const body = new FormData();
    body.set("csrf_token", csrfToken(place));
    if (place.dataset.likelyBut) body.set("but", place.dataset.likelyBut);
    for (const name of names) body.set(name, form.elements[name]?.value ?? "");
    try {
      const answer = await fetch(place.dataset.likelyUrl, { method: "POST", body, headers: { Accept: "text/html" } });
      if (!answer.ok || answer.redirected) return;
      const html = await answer.text();
      if (number === asked && place.innerHTML.trim() !== html.trim()) place.innerHTML = html;
    } catch {
      /* Saving asks again: what could not be shown here is not lost. */
    }
  }, 500);

  for (const name of names) form.elements[name]?.addEventListener("input", ask);
}

/*
 * data-live-url: a part of a form that tells what the server thinks of what is typed. The form is POSTed to the address
 * a moment after the last key; the answer is a fragment of HTML. The text of data-live-say in it is said aloud when it changes,
 * and stands in data-live-echo, a place of the form that stays in sight.
 */

import { debounce, element } from "./dom.js";

const WAIT_MS = 700;

for (const place of document.querySelectorAll("[data-live-url]")) {
  const form = place.closest("form");
  if (!form) continue;
  const spoken = element("div", { class: "visually-hidden", role: "status" });
  place.after(spoken);
  const echo = form.querySelector("[data-live-echo]");
  let latest = 0;

  const show = () => {
    const say = place.querySelector("[data-live-say]")?.textContent ?? "";
    if (echo && say) echo.textContent = say;
    return say;
  };

  const ask = async () => {
    const number = ++latest;
    try {
      const answer = await fetch(place.dataset.liveUrl, {
        method: "POST",
        body: new URLSearchParams(new FormData(form)),
        headers: { Accept: "text/html" },
      });
      if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
      const html = await answer.text();
      if (number !== latest) return; // a later answer is on its way
      place.innerHTML = html;
      const say = show();
      if (spoken.textContent !== say) spoken.textContent = say;
    } catch {
      if (number === latest) spoken.textContent = "規則との照合ができませんでした。保存すると表示されます。";
    }
  };

  show();
  const later = debounce(ask, WAIT_MS);
  form.addEventListener("input", later);
  form.addEventListener("change", later);
}

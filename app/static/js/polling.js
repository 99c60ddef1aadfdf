/*
 * data-poll-url: a part of the page that is fetched again and again while work goes on.
 *   data-poll-seconds="2"
 *   data-poll-redirect="address"  where to go when it is done
 * The address answers with a fragment of HTML; an element with data-poll-done in it says that the work has ended.
 * What is said aloud is the text of data-poll-say, if the fragment has one, else only the end.
 */

import { element } from "./dom.js";

for (const place of document.querySelectorAll("[data-poll-url]")) {
  const seconds = Number(place.dataset.pollSeconds) || 2;
  const spoken = element("div", { class: "visually-hidden", role: "status" });
  place.after(spoken);
  let failures = 0;

  const isDone = () => place.querySelector("[data-poll-done]") !== null;

  const ask = async () => {
    try {
      const answer = await fetch(place.dataset.pollUrl, { headers: { Accept: "text/html" } });
      if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
      place.innerHTML = await answer.text();
      failures = 0;
    } catch {
      failures += 1;
      if (failures === 5) spoken.textContent = "最新の状況を取得できません。画面を読み込み直してください。";
    }
    const say = place.querySelector("[data-poll-say]");
    if (say && spoken.textContent !== say.textContent) spoken.textContent = say.textContent;
    if (!isDone()) wait();
    else if (place.dataset.pollRedirect) location.assign(place.dataset.pollRedirect);
    else if (!say) spoken.textContent = "処理が終わりました。";
  };

  const wait = () => setTimeout(ask, seconds * 1000 * Math.min(2 ** failures, 15));
  if (!isDone()) wait();
}

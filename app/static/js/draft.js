/*
 * data-draft-url on a field: what is typed is kept on the server, a moment after the last key.
 * POSTs {NAME: text, csrf_token} to the address (any 2xx is a success) and says 「下書きを保存しました」 in data-draft-status.
 */

import { csrfToken, debounce } from "./dom.js";

const WAIT_MS = 1500;

for (const field of document.querySelectorAll("[data-draft-url]")) {
  const status = field.closest(".field")?.querySelector("[data-draft-status]");
  status?.setAttribute("role", "status");
  let saved = field.value;

  const say = (text) => {
    if (status) status.textContent = text;
  };

  const save = async (isLeaving = false) => {
    const text = field.value;
    if (text === saved) return;
    const body = new URLSearchParams({ [field.name]: text, csrf_token: csrfToken(field) });
    try {
      const answer = await fetch(field.dataset.draftUrl, { method: "POST", body, keepalive: isLeaving, headers: { Accept: "application/json" } });
      if (!answer.ok) throw new Error(String(answer.status));
      saved = text;
      const time = new Date().toLocaleTimeString("ja-JP", { hour: "2-digit", minute: "2-digit" });
      say(`下書きを保存しました(${time})`);
    } catch {
      say("下書きを保存できませんでした。送信する前に、入力した内容を控えてください。");
    }
  };

  const saveLater = debounce(() => save(), WAIT_MS);
  field.addEventListener("input", saveLater);
  field.form?.addEventListener("submit", (event) => {
    if (!event.defaultPrevented) saveLater.cancel();
  });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden" && field.form?.getAttribute("aria-busy") !== "true") save(true);
  });
}

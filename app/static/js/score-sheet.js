/*
 * data-score-sheet on a form: the running total, which comments are required, and the draft kept on the server.
 * POSTs the fields to data-draft-to a moment after the last change; 409 says that another tab was first, and saving stops.
 */

import { debounce, halfWidth } from "./dom.js";

const WAIT_MS = 800;
const SCALE = 10000; /* weights have at most four places */

function scoreOf(row) {
  const field = row.querySelector("input[type=radio]:checked") ?? row.querySelector("input[type=text]");
  const text = halfWidth(field?.value ?? "").trim();
  const { lowest, highest } = row.dataset;
  return /^[0-9]{1,4}$/.test(text) && Number(text) >= Number(lowest) && Number(text) <= Number(highest) ? Number(text) : null;
}

function watch(form) {
  const rows = [...form.querySelectorAll("[data-score-row]")];
  const total = form.querySelector("[data-score-total]");
  const left = form.querySelector("[data-score-left]");
  const status = form.querySelector("[data-score-status]");
  const version = form.querySelector("[data-score-version]");
  let isStopped = false;
  let isChanged = false;
  let isSaving = false;
  let running = Promise.resolve();

  const count = () => {
    let sum = 0;
    let open = 0;
    for (const row of rows) {
      const score = scoreOf(row);
      if (score === null) open += 1;
      else sum += Math.round(Number(row.dataset.weight) * SCALE) * score;
      const { commentBelow, commentAbove } = row.dataset;
      const isNeeded = score !== null && ((commentBelow !== undefined && score <= Number(commentBelow)) || (commentAbove !== undefined && score >= Number(commentAbove)));
      const mark = row.querySelector("[data-comment-mark]");
      if (mark) {
        mark.textContent = isNeeded ? "必須" : "任意";
        mark.className = `field-mark ${isNeeded ? "field-mark-required" : "field-mark-optional"}`;
      }
    }
    total.textContent = (sum / SCALE).toLocaleString("ja-JP", { maximumFractionDigits: 4 });
    left.textContent = open ? `あと${open}項目` : "すべて記入済み";
  };

  const save = async (isLeaving = false) => {
    if (isStopped || !isChanged || form.getAttribute("aria-busy") === "true") return;
    isChanged = false;
    isSaving = true;
    const body = new FormData(form);
    body.delete("scan"); /* a file goes with the form itself */
    try {
      const answer = await fetch(form.dataset.draftTo, { method: "POST", body, keepalive: isLeaving, headers: { Accept: "application/json" } });
      const told = await answer.json().catch(() => ({}));
      if (answer.ok) {
        version.value = told.version;
        const time = new Date().toLocaleTimeString("ja-JP", { hour: "2-digit", minute: "2-digit", second: "2-digit" });
        status.textContent = `下書きを保存しました(${time})`;
        status.classList.remove("text-danger");
      } else {
        isStopped = answer.status === 409;
        isChanged = !isStopped;
        status.textContent = told.message ?? "下書きを保存できませんでした。画面を開き直してください。";
        status.classList.add("text-danger");
        status.scrollIntoView({ block: "nearest" }); /* nothing more is kept: not to be missed */
      }
    } catch {
      isChanged = true;
      status.textContent = "下書きを保存できませんでした。通信を確かめてください。次に入力したときに、もう一度保存します。";
      status.classList.add("text-danger");
    }
    isSaving = false;
  };

  /* one save after the other, so that each knows the version that the one before it made */
  const queue = (isLeaving) => (running = running.then(() => save(isLeaving)));
  const saveLater = debounce(() => queue(false), WAIT_MS);
  for (const type of ["input", "change"]) {
    form.addEventListener(type, () => {
      isChanged = true;
      count();
      saveLater();
    });
  }
  form.addEventListener("keydown", (event) => {
    if (event.target.type !== "radio" || !/^[0-9]$/.test(event.key)) return;
    const wanted = event.target.closest("[data-score-row]").querySelector(`input[type=radio][value="${event.key}"]`);
    if (wanted) {
      wanted.focus();
      wanted.click();
    }
  });
  form.addEventListener("submit", (event) => {
    if (event.defaultPrevented) return;
    saveLater.cancel();
    if (!isSaving) return;
    /* a draft is on its way: the sheet goes after it, with the version that it made */
    event.preventDefault();
    if (form.getAttribute("aria-busy") === "true") return;
    form.setAttribute("aria-busy", "true");
    running.then(() => form.submit());
  });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") queue(true);
  });
  count();
}

for (const form of document.querySelectorAll("[data-score-sheet]")) watch(form);

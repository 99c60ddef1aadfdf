/*
 * Help while typing, in words beside the field:
 *   data-count-limit="1000"  how many characters are left (in the element ID-count)
 *   data-money               the amount as it will be shown, ¥1,000,000
 *   data-date                the date as it was understood, 令和8年7月1日(水)
 *   data-error-summary       takes the focus when the page opens
 *   data-answer-all="ids"    its button gives these selects their second choice
 */

import { debounce, element, halfWidth } from "./dom.js";

document.querySelector("[data-error-summary]")?.focus();

/* Characters left. Line breaks count once, as the server counts them. */
for (const field of document.querySelectorAll("[data-count-limit]")) {
  const shown = document.getElementById(`${field.id}-count`);
  if (!shown) continue;
  const limit = Number(field.dataset.countLimit);
  const spoken = element("div", { class: "visually-hidden", role: "status" });
  shown.after(spoken);
  const speak = debounce(() => (spoken.textContent = shown.textContent), 1200);
  const show = () => {
    const left = limit - [...field.value].length;
    shown.textContent = left >= 0 ? `あと${left.toLocaleString("ja-JP")}文字` : `${(-left).toLocaleString("ja-JP")}文字超えています`;
    shown.classList.toggle("field-count-over", left < 0);
  };
  field.addEventListener("input", () => {
    show();
    speak();
  });
  show();
}

/* Amounts and dates: what the server will read. */
function yen(text) {
  const plain = halfWidth(text).replace(/[,、\s¥\\円]/g, "");
  return /^-?\d{1,15}$/.test(plain) ? `¥${Number(plain).toLocaleString("ja-JP")}` : "";
}

const ERAS = { R: 2018, 令和: 2018, H: 1988, 平成: 1988, S: 1925, 昭和: 1925, T: 1911, 大正: 1911, M: 1867, 明治: 1867 };
const dateFormat = new Intl.DateTimeFormat("ja-JP-u-ca-japanese", { era: "long", year: "numeric", month: "long", day: "numeric" });
const weekdayFormat = new Intl.DateTimeFormat("ja-JP", { weekday: "short" });

function japaneseDate(text) {
  const found = halfWidth(text).trim().toUpperCase().match(/^(?:(\d{4})|([A-Z]|令和|平成|昭和|大正|明治)\s*(\d{1,2}|元))[-/.年]\s*(\d{1,2})[-/.月]\s*(\d{1,2})日?$/);
  if (!found) return "";
  const year = found[1] ? Number(found[1]) : (ERAS[found[2]] ?? NaN) + (found[3] === "元" ? 1 : Number(found[3]));
  const date = new Date(year, Number(found[4]) - 1, Number(found[5]));
  if (Number.isNaN(year) || date.getMonth() !== Number(found[4]) - 1) return "";
  return `${dateFormat.format(date).replace(/(\D)1年/, "$1元年")}(${weekdayFormat.format(date)})`;
}

function showReading(field, read) {
  const shown = element("div", { class: "field-shown" });
  (field.closest(".with-unit") ?? field).after(shown);
  const show = () => {
    const text = read(field.value);
    const says_more = text && ![text, text.replace("¥", "")].includes(field.value.trim());
    shown.textContent = says_more ? `→ ${text}` : "";
  };
  field.addEventListener("input", show);
  show();
}

export function dressFields(root) {
  for (const field of root.querySelectorAll("[data-money]")) showReading(field, yen);
  for (const field of root.querySelectorAll("[data-date]")) showReading(field, japaneseDate);
}

dressFields(document);
document.addEventListener("formset:added", (event) => dressFields(event.target));

for (const place of document.querySelectorAll("[data-answer-all]")) {
  place.hidden = false;
  place.querySelector("button").addEventListener("click", () => {
    for (const id of place.dataset.answerAll.split(" ")) {
      const field = document.getElementById(id);
      field.selectedIndex = 1; /* after the empty one, or the one that they begin with */
      field.dispatchEvent(new Event("change", { bubbles: true }));
    }
  });
}

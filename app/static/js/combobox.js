/*
 * data-combobox: look-up by typing (ARIA combobox with a listbox).
 *   data-url       answers ?query=… with [{"id": 12, "text": "…"}] or [[12, "…"]]
 *   data-name      the name under which the chosen id is sent
 *   data-multiple  several may be chosen; each is a chip that can be taken off
 *   data-free      a text that is in no candidate is welcome too; else the form waits until one is chosen
 * Without script the text itself is sent as NAME__text, and chosen rows are ticked boxes.
 */

import { debounce, element } from "./dom.js";

const WAIT_MS = 200;
const comboboxes = new Set();

document.addEventListener(
  "submit",
  (event) => {
    for (const combobox of comboboxes) {
      if (combobox.input.form !== event.target || !combobox.isOpenText || combobox.root.hasAttribute("data-free")) continue;
      event.preventDefault();
      event.stopImmediatePropagation();
      combobox.complain();
      return;
    }
  },
  true,
);

class Combobox {
  constructor(root) {
    this.root = root;
    this.input = root.querySelector("[data-combobox-input]");
    this.list = root.querySelector("[role=listbox]");
    this.status = root.querySelector("[data-combobox-status]");
    this.value = root.querySelector("[data-combobox-value]");
    this.chips = root.querySelector("[data-combobox-chips]");
    this.isMultiple = root.hasAttribute("data-multiple");
    this.rows = [];
    this.active = -1;

    const attributes = { role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": this.list.id };
    for (const [name, value] of Object.entries(attributes)) this.input.setAttribute(name, value);
    if (this.chips) for (const item of [...this.chips.children]) this.dressChip(item);

    comboboxes.add(this);
    const ask = debounce(() => this.ask(), WAIT_MS);
    this.input.addEventListener("input", () => {
      if (this.value) this.value.value = "";
      ask();
    });
    this.input.addEventListener("keydown", (event) => this.onKey(event, ask));
    this.input.addEventListener("blur", () => {
      ask.cancel();
      this.close();
      this.leave();
    });
    this.list.addEventListener("mousedown", (event) => event.preventDefault());
    this.list.addEventListener("click", (event) => {
      const option = event.target.closest("[role=option]");
      if (option) this.choose(Number(option.dataset.index));
    });
  }

  get isOpen() {
    return !this.list.hidden;
  }

  onKey(event, ask) {
    if (event.isComposing) return; /* a kana-kanji conversion is under way */
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (!this.isOpen) {
        ask.cancel();
        this.ask();
        return;
      }
      const step = event.key === "ArrowDown" ? 1 : -1;
      this.activate((this.active + step + this.rows.length) % this.rows.length);
    } else if (event.key === "Enter" && this.isOpen && this.active >= 0) {
      event.preventDefault();
      this.choose(this.active);
    } else if (event.key === "Escape" && (this.isOpen || this.input.value)) {
      event.preventDefault();
      if (this.isOpen) this.close();
      else this.clear();
    } else if (event.key === "Backspace" && this.isMultiple && !this.input.value) {
      this.chips.lastElementChild?.querySelector("button")?.focus();
    }
  }

  async ask() {
    const query = this.input.value.trim();
    this.running?.abort();
    this.running = new AbortController();
    const url = new URL(this.root.dataset.url, location.href);
    url.searchParams.set("query", query);
    try {
      const answer = await fetch(url, { headers: { Accept: "application/json" }, signal: this.running.signal });
      if (!answer.ok) throw new Error(String(answer.status));
      const rows = await answer.json();
      this.show(rows.map((row) => (Array.isArray(row) ? { id: row[0], text: row[1] } : row)));
    } catch (error) {
      if (error.name === "AbortError") return;
      this.show([], "候補を取得できませんでした。もう一度入力してください。");
    }
  }

  show(rows, message = "") {
    if (document.activeElement !== this.input) return;
    this.rows = rows;
    this.list.replaceChildren();
    rows.forEach((row, index) => {
      const option = element("li", { role: "option", id: `${this.list.id}-${index}`, class: "combobox-option", "aria-selected": "false", "data-index": index }, row.text);
      this.list.append(option);
    });
    const count = message || (rows.length ? `${rows.length}件の候補があります。上下の矢印キーで選べます。` : "該当する候補はありません。");
    if (!rows.length) {
      this.list.append(element("li", { role: "option", "aria-disabled": "true", "aria-selected": "false", class: "combobox-note" }, count));
    }
    this.list.hidden = false;
    this.active = -1;
    this.input.removeAttribute("aria-activedescendant");
    this.input.setAttribute("aria-expanded", "true");
    this.list.scrollIntoView({ block: "nearest" });
    this.status.textContent = count;
  }

  activate(index) {
    if (!this.rows.length) return;
    this.list.querySelector("[aria-selected=true]")?.setAttribute("aria-selected", "false");
    const option = this.list.children[index];
    option.setAttribute("aria-selected", "true");
    option.scrollIntoView({ block: "nearest" });
    this.input.setAttribute("aria-activedescendant", option.id);
    this.active = index;
  }

  choose(index) {
    const row = this.rows[index];
    if (!row) return;
    if (this.isMultiple) {
      this.addChip(row);
      this.input.value = "";
    } else {
      this.input.value = row.text;
      this.value.value = row.id;
    }
    this.close();
    this.forgive();
    this.status.textContent = `${row.text}を選びました。`;
    this.changed();
  }

  /* A text that is exactly one of the candidates is that candidate. */
  leave() {
    const typed = this.input.value.trim();
    const index = typed && this.isOpenText ? this.rows.findIndex((row) => row.text === typed) : -1;
    if (index >= 0) this.choose(index);
  }

  /* Something stands in the field that names no row: sent like this, it would be lost without a word. */
  get isOpenText() {
    return this.input.value.trim() !== "" && (this.isMultiple || this.value.value === "");
  }

  complain() {
    const id = `${this.input.id}-unchosen`;
    if (!document.getElementById(id)) {
      const text = "候補の中から選んでください。該当するものがないときは、入力した文字を消してください。";
      this.root.before(element("div", { class: "field-error", id, role: "alert" }, text));
      this.input.setAttribute("aria-describedby", `${this.input.getAttribute("aria-describedby") ?? ""} ${id}`.trim());
    }
    this.input.setAttribute("aria-invalid", "true");
    this.input.focus();
  }

  forgive() {
    document.getElementById(`${this.input.id}-unchosen`)?.remove();
    this.input.removeAttribute("aria-invalid");
  }

  clear() {
    this.input.value = "";
    if (this.value) this.value.value = "";
    this.forgive();
    this.changed();
  }

  close() {
    this.list.hidden = true;
    this.active = -1;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
    this.running?.abort();
  }

  changed() {
    this.root.dispatchEvent(new Event("change", { bubbles: true }));
  }

  addChip(row) {
    const taken = [...this.chips.querySelectorAll("input")].some((input) => input.value === String(row.id));
    if (taken) return;
    const item = element("li", { class: "chip" });
    const box = element("input", { type: "checkbox", name: this.root.dataset.name, value: row.id, checked: "" });
    const label = element("label", { class: "choice" });
    label.append(box, element("span", {}, row.text));
    item.append(label);
    this.chips.append(item);
    this.dressChip(item);
  }

  /* A ticked box becomes a text with a button that takes it off. */
  dressChip(item) {
    const box = item.querySelector("input");
    const text = item.textContent.trim();
    const kept = element("input", { type: "hidden", name: box.name, value: box.value });
    const remove = element("button", { type: "button", class: "chip-remove", "aria-label": `${text}を外す` }, "×");
    remove.addEventListener("click", () => {
      item.remove();
      this.status.textContent = `${text}を外しました。`;
      this.input.focus();
      this.changed();
    });
    item.className = "chip";
    item.replaceChildren(element("span", {}, text), kept, remove);
  }
}

export function dressComboboxes(root) {
  for (const found of root.querySelectorAll("[data-combobox]")) new Combobox(found);
}

dressComboboxes(document);
document.addEventListener("formset:added", (event) => dressComboboxes(event.target));

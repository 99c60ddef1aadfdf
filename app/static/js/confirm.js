/*
 * Asks before a form is sent. On a form or on its submit button:
 *   data-confirm="question"   data-confirm-title="heading"   data-confirm-label="text of the button that goes on"
 *   data-confirm-kind="danger"
 * After a yes the form carries confirmed=yes. Runs in the capture phase, before any other listener for submit.
 */

import { element } from "./dom.js";

const agreed = new WeakSet();

function ask({ title, question, label, isDanger }) {
  return new Promise((resolve) => {
    const heading = element("h2", { id: "dialog-title" }, title);
    const text = element("p", { id: "dialog-text" }, question);
    const no = element("button", { type: "button", class: "button" }, "やめる");
    const yes = element("button", { type: "button", class: `button ${isDanger ? "button-danger-solid" : "button-primary"}` }, label);
    const buttons = element("div", { class: "button-row" });
    buttons.append(no, yes);
    const dialog = element("dialog", { class: "dialog", "aria-labelledby": "dialog-title", "aria-describedby": "dialog-text" });
    dialog.append(heading, text, buttons);
    document.body.append(dialog);
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "yes");
    });
    no.addEventListener("click", () => dialog.close("no"));
    yes.addEventListener("click", () => dialog.close("yes"));
    dialog.showModal();
    no.focus();
  });
}

document.addEventListener(
  "submit",
  async (event) => {
    const form = event.target;
    const button = event.submitter;
    const source = button?.dataset.confirm ? button : form;
    const question = source.dataset.confirm;
    if (!question || agreed.has(form)) {
      agreed.delete(form);
      return;
    }
    event.preventDefault();
    event.stopImmediatePropagation();
    const label = source.dataset.confirmLabel || button?.textContent.trim() || "続ける";
    const isYes = await ask({
      title: source.dataset.confirmTitle || "確認してください",
      question,
      label,
      isDanger: source.dataset.confirmKind === "danger",
    });
    if (!isYes) {
      button?.focus();
      return;
    }
    if (!form.querySelector("input[name=confirmed]")) {
      form.append(element("input", { type: "hidden", name: "confirmed", value: "yes" }));
    }
    agreed.add(form);
    form.requestSubmit(button && button.form === form ? button : undefined);
  },
  true,
);

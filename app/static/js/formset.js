/*
 * data-formset: rows of a form. 「追加」 copies the <template>, with __index__ replaced by the next number; a new row can be
 * taken off again, a saved one is marked for deletion (data-formset-delete). Says formset:added on the new row.
 */

for (const root of document.querySelectorAll("[data-formset]")) {
  const rows = root.querySelector("[data-formset-rows]");
  const template = root.querySelector("[data-formset-template]");
  root.querySelector("[data-formset-foot]").hidden = false;
  for (const button of rows.querySelectorAll("[data-formset-remove]")) button.hidden = false;

  const renumber = () => {
    rows.querySelectorAll("[data-formset-number]").forEach((place, index) => (place.textContent = index + 1));
  };

  const fields = (row) => [...row.querySelectorAll("input:not([type=hidden]), select, textarea")];

  /* The choices of the row before: who types ten lines of one tax chooses it once. */
  const carry = (before, row) => {
    const choices = (of) => fields(of).filter((field) => field.matches("select, [type=checkbox]"));
    const given = choices(before);
    choices(row).forEach((field, place) => {
      if (field.type === "checkbox") field.checked = given[place].checked;
      else field.value = given[place].value;
    });
  };

  root.addEventListener("keydown", (event) => {
    if (!root.hasAttribute("data-formset-typed") || event.key !== "Enter" || event.isComposing) return;
    if (!event.target.matches("input, select") || event.target.getAttribute("aria-expanded") === "true") return;
    const row = event.target.closest("[data-formset-row]");
    if (!row) return;
    event.preventDefault();
    if (row.nextElementSibling) fields(row.nextElementSibling)[0]?.focus();
    else root.querySelector("[data-formset-add]").click();
  });

  root.addEventListener("click", (event) => {
    if (event.target.closest("[data-formset-add]")) {
      const index = root.dataset.formsetNext++;
      const holder = document.createElement("template");
      holder.innerHTML = template.innerHTML.replaceAll("__index__", index);
      const row = holder.content.querySelector("[data-formset-row]");
      for (const button of row.querySelectorAll("[data-formset-remove]")) button.hidden = false;
      const before = rows.lastElementChild;
      rows.append(row);
      if (before && root.hasAttribute("data-formset-typed")) carry(before, row);
      renumber();
      row.dispatchEvent(new CustomEvent("formset:added", { bubbles: true }));
      row.dispatchEvent(new Event("change", { bubbles: true }));
      row.querySelector("input:not([type=hidden]), select, textarea")?.focus();
    } else if (event.target.closest("[data-formset-remove]")) {
      const row = event.target.closest("[data-formset-row]");
      const next = row.nextElementSibling ?? row.previousElementSibling;
      row.remove();
      renumber();
      root.dispatchEvent(new Event("change", { bubbles: true }));
      (next?.querySelector("input:not([type=hidden]), select, textarea") ?? root.querySelector("[data-formset-add]")).focus();
    }
  });

  root.addEventListener("change", (event) => {
    if (!event.target.matches("[data-formset-delete]")) return;
    event.target.closest("[data-formset-row]").classList.toggle("formset-row-removed", event.target.checked);
  });
}

/*
 * Lists: data-select-all ticks every row of its table; data-bulk counts what is ticked and asks for at least one row;
 * data-tool panels close with Escape and with a click beside them.
 */

const bulk = document.querySelector("form[data-bulk]");

if (bulk) {
  const all = document.querySelector("[data-select-all]");
  const count = bulk.querySelector("[data-bulk-count]");
  const boxes = () => [...document.querySelectorAll(`input[form="${bulk.id}"][name=rowid]`)];

  const show = () => {
    const every = boxes();
    const ticked = every.filter((box) => box.checked).length;
    count.textContent = ticked ? `(${ticked}件)` : "";
    if (all) {
      all.checked = ticked > 0 && ticked === every.length;
      all.indeterminate = ticked > 0 && ticked < every.length;
    }
  };

  document.querySelector("[data-select-all-box]")?.removeAttribute("hidden");
  document.addEventListener("change", (event) => {
    if (event.target === all) for (const box of boxes()) box.checked = all.checked;
    if (event.target === all || event.target.name === "rowid") show();
  });
  window.addEventListener("pageshow", show);

  document.addEventListener(
    "submit",
    (event) => {
      if (event.target !== bulk || boxes().some((box) => box.checked)) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      count.textContent = "(先に行を選んでください)";
    },
    true,
  );
}

const openTools = () => document.querySelectorAll("details[data-tool][open], details.menu[open]");

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const tool of openTools()) {
    if (!tool.contains(document.activeElement)) continue;
    tool.open = false;
    tool.querySelector("summary").focus();
  }
});

document.addEventListener("click", (event) => {
  for (const tool of openTools()) {
    if (tool.matches("[data-tool]") && !tool.contains(event.target)) tool.open = false;
  }
});

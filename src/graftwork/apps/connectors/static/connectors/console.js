// Imports and connectors: the field that files are dropped on, ticks that outlive a renewal, and a question before dropping.

/** A part that renews itself keeps what the person has ticked, opened, and is at. */
let kept = null;

document.addEventListener("htmx:beforeSwap", (event) => {
  const part = event.detail.target;
  // Somebody chooses in a list or types there: the next renewal comes soon enough.
  if (event.detail.requestConfig.verb === "get" && part.contains(document.activeElement) && document.activeElement.matches("select, input:not([type=checkbox])")) {
    event.detail.shouldSwap = false;
    return;
  }
  // Told in place that the sign-in has ended.
  if (event.detail.xhr.status === 401) event.detail.shouldSwap = true;
  kept = {
    ticked: new Set([...part.querySelectorAll("input[name=letter]:checked")].map((one) => one.value)),
    opened: [...part.querySelectorAll("details[open][id]")].map((one) => one.id),
    focused: part.contains(document.activeElement) ? document.activeElement.id : "",
  };
});

document.addEventListener("htmx:afterSwap", () => {
  if (!kept) return;
  for (const box of document.querySelectorAll("input[name=letter]")) box.checked = kept.ticked.has(box.value);
  for (const id of kept.opened) document.getElementById(id)?.setAttribute("open", "");
  if (kept.focused) document.getElementById(kept.focused)?.focus({ preventScroll: true });
  kept = null;
  showAll();
});

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-select-all]")) {
    for (const box of document.querySelectorAll("input[name=letter]")) box.checked = event.target.checked;
  }
  if (event.target.matches("input[name=letter]")) showAll();
  if (event.target.matches(".drop-zone")) checkSize(event.target);
});

/** The box for all says what the others say: all, none, or some. */
function showAll() {
  const all = document.querySelector("[data-select-all]");
  if (!all) return;
  const boxes = [...document.querySelectorAll("input[name=letter]")];
  const ticked = boxes.filter((box) => box.checked).length;
  all.checked = ticked > 0 && ticked === boxes.length;
  all.indeterminate = ticked > 0 && ticked < boxes.length;
}

document.addEventListener("click", (event) => {
  const question = event.target.closest("[data-confirm]")?.dataset.confirm;
  if (question && !window.confirm(question)) event.preventDefault();
});

for (const zone of document.querySelectorAll(".drop-zone")) {
  zone.addEventListener("dragover", () => zone.classList.add("is-over"));
  for (const name of ["dragleave", "drop"]) zone.addEventListener(name, () => zone.classList.remove("is-over"));
}

/** Before megabytes are sent only to be refused. */
function checkSize(zone) {
  const form = zone.form;
  const isTooLarge = [...zone.files].some((file) => file.size > Number(form.dataset.limitBytes));
  form.querySelector("[data-too-large]").hidden = !isTooLarge;
  zone.setCustomValidity(isTooLarge ? "The file is too large." : "");
}

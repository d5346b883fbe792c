// The form of a JSON draft. The JSON text is what is sent: each change of a control is written into it.

export function listenForFields(stage) {
  for (const name of ["input", "change"]) {
    stage.addEventListener(name, ({ target }) => target.closest("[data-fields]") && write(target.closest("[data-fields]")));
  }
  stage.addEventListener("click", ({ target }) => {
    const form = target.closest("[data-fields]");
    if (!form) return;
    if (target.closest("[data-add]")) add(target.closest("[data-kind=array]"));
    else if (target.closest("[data-remove]")) remove(target.closest(".element"));
    else return;
    write(form);
  });
}

function add(list) {
  const made = list.querySelector(":scope > template").content.firstElementChild.cloneNode(true);
  list.querySelector(":scope > .elements").append(made);
  made.querySelector("input, select, textarea")?.focus();
}

function remove(element) {
  const next = element.nextElementSibling ?? element.previousElementSibling;
  const list = element.closest("[data-kind=array]");
  element.remove();
  (next?.querySelector("[data-remove]") ?? list.querySelector("[data-add]")).focus();
}

function write(form) {
  const editor = form.closest("form").querySelector("textarea.editor");
  editor.value = JSON.stringify(read(form), null, 2);
  editor.dispatchEvent(new Event("input", { bubbles: true }));
}

function read(node) {
  if (node.dataset.kind === "leaf") return leaf(node);
  if (node.dataset.kind === "array") {
    return [...node.querySelectorAll(":scope > .elements > .element > [data-kind]")].map(read);
  }
  const parts = [...node.querySelectorAll(":scope > [data-kind]")].map((part) => [part.dataset.key, read(part)]);
  return { ...Object.fromEntries(parts), ...JSON.parse(node.dataset.rest) };
}

/** An empty control is an unknown value; a number that is none stays a text, which the server then names. */
function leaf(node) {
  const text = node.querySelector("input, select, textarea").value.trim();
  if (text === "") return null;
  if (node.dataset.type === "boolean") return text === "true";
  if (node.dataset.type !== "number") return text;
  const number = Number(text.replace(",", "."));
  return Number.isFinite(number) && !("whole" in node.dataset && !Number.isInteger(number)) ? number : text;
}

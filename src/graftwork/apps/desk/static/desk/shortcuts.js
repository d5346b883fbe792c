// Keys. Each shortcut presses, or goes to, the visible element that carries its name; so nothing works by key alone.

const TYPING = "textarea, select, [contenteditable], input:not([type=radio], [type=checkbox], [type=button], [type=submit])";
const OPEN_FORM = "details.other[open]";

/** `keys`: name by single key, empty where the person switched single keys off. */
export function listenForKeys(keys) {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.isComposing || event.repeat) return;
    if (event.key === "Escape") leave(event);
    else if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) submit(event);
    else if (!event.ctrlKey && !event.metaKey && !event.altKey) press(event, keys);
  });
  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-opens]");
    if (opener) document.getElementById(opener.dataset.opens).showModal();
    const toggler = event.target.closest("[data-toggles]");
    if (toggler) toggle(toggler);
  });
  // `toggle` does not bubble, but it can be caught on its way down: the other form closes when one opens.
  document.addEventListener("toggle", (event) => event.target.matches("details.other") && tellOpener(event.target), true);
}

/** Show on each button of `root` which key presses it, and on each reason its number. */
export function hintKeys(root, keys) {
  for (const [key, name] of Object.entries(keys)) {
    for (const button of root.querySelectorAll(`button[data-shortcut="${name}"]:not([aria-keyshortcuts])`)) {
      button.append(hint(key));
      button.setAttribute("aria-keyshortcuts", key);
    }
  }
  if (!Object.keys(keys).length) return;
  for (const form of root.querySelectorAll("details.other")) {
    for (const [place, radio] of choices(form).entries()) {
      if (!radio.hasAttribute("aria-keyshortcuts")) radio.closest("label").append(hint(place + 1));
      radio.setAttribute("aria-keyshortcuts", place + 1);
    }
  }
}

function hint(key) {
  const line = document.createElement("kbd");
  line.className = "hint";
  line.ariaHidden = "true";
  line.textContent = key;
  return line;
}

function press(event, keys) {
  if (event.target.closest(TYPING) || document.querySelector("dialog[open]")) return;
  const name = Object.hasOwn(keys, event.key) ? keys[event.key] : null;
  // An open form waits for its answer: a key that is meant for it must never send the draft.
  const form = lastOf(OPEN_FORM);
  if (form && name !== "help") {
    if (Object.keys(keys).length) choose(event, form);
    return;
  }
  const filters = name === "search" && document.getElementById("filters"); // folded away on a narrow window
  if (filters) filters.open = true;
  const target = name === "undo" ? lastOf("[data-undo]") : name && lastOf(`[data-shortcut="${name}"]`);
  if (!target || target.disabled) return;
  event.preventDefault();
  if (target.matches(TYPING)) goTo(target);
  else target.click();
}

function choose(event, form) {
  const radio = /^[1-9]$/.test(event.key) ? choices(form)[event.key - 1] : null;
  if (!radio) return;
  event.preventDefault();
  radio.checked = true;
  radio.focus();
}

/** The reasons that a digit can pick. */
const choices = (form) => [...form.querySelectorAll("input[type=radio]")].slice(0, 9);

function lastOf(selector) {
  return [...document.querySelectorAll(selector)].filter((one) => one.checkVisibility()).at(-1);
}

/** Into a field, with the caret after its text unless the person has put it somewhere. */
function goTo(field) {
  field.focus();
  if (field.matches("textarea") && field.selectionEnd === 0) field.setSelectionRange(field.value.length, field.value.length);
}

function submit(event) {
  const form = event.target.closest("form.decide");
  if (!form || !event.target.closest(TYPING + ", input")) return;
  event.preventDefault();
  form.requestSubmit();
}

function leave(event) {
  if (document.querySelector("dialog[open]")) return;
  const editor = event.target.matches("textarea.editor") && event.target;
  const form = event.target.closest(OPEN_FORM) ?? (editor ? null : lastOf(OPEN_FORM));
  if (form) {
    form.open = false;
    openerOf(form).focus();
  } else if (editor) {
    editor.closest("article").querySelector("h1").focus({ preventScroll: true });
  } else return;
  event.preventDefault();
}

const openerOf = (details) => details.closest("article").querySelector(`[data-toggles="${details.dataset.form}"]`);

function toggle(opener) {
  const details = opener.closest("article").querySelector(`details.other[data-form="${opener.dataset.toggles}"]`);
  details.open = !details.open;
  if (!details.open) return;
  // The `toggle` event comes a moment later; the next key must find the focus here already.
  details.scrollIntoView({ block: "nearest" });
  details.querySelector("input:not([type=hidden]), textarea")?.focus({ preventScroll: true });
}

function tellOpener(details) {
  openerOf(details)?.setAttribute("aria-expanded", String(details.open));
}

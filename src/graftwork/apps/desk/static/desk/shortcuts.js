// Keys. Each shortcut presses, or goes to, the visible element that carries its name; so nothing works by key alone.

const TYPING = "textarea, select, [contenteditable], input:not([type=radio], [type=checkbox], [type=button], [type=submit])";

/** `keys`: name by single key, empty where the person switched single keys off. */
export function listenForKeys(keys) {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.isComposing || event.repeat) return;
    if (event.key === "Escape") leave(event);
    else if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) submit(event);
    else if (!event.ctrlKey && !event.metaKey && !event.altKey) press(event, keys);
  });
  // `toggle` does not bubble, but it can be caught on its way down.
  document.addEventListener("toggle", (event) => event.target.matches("details.other") && enter(event.target), true);
  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-opens]");
    if (opener) document.getElementById(opener.dataset.opens).showModal();
  });
}

/** Show on each button of `root` which key presses it. */
export function hintKeys(root, keys) {
  for (const [key, name] of Object.entries(keys)) {
    for (const button of root.querySelectorAll(`[data-shortcut="${name}"]:is(button, summary):not([aria-keyshortcuts])`)) {
      const hint = document.createElement("kbd");
      hint.className = "hint";
      hint.ariaHidden = "true";
      hint.textContent = key;
      button.append(hint);
      button.setAttribute("aria-keyshortcuts", key);
    }
  }
}

function press(event, keys) {
  const name = Object.hasOwn(keys, event.key) ? keys[event.key] : null;
  if (!name || event.target.closest(TYPING) || document.querySelector("dialog[open]")) return;
  const target = name === "undo" ? lastOf("[data-undo]") : lastOf(`[data-shortcut="${name}"]`);
  if (!target || target.disabled) return;
  event.preventDefault();
  if (target.matches(TYPING)) target.focus();
  else target.click();
  // The `toggle` of an opened form comes a moment later; the next key must find the focus there already.
  if (target.matches("details.other > summary")) enter(target.parentElement);
}

function lastOf(selector) {
  return [...document.querySelectorAll(selector)].filter((one) => one.checkVisibility()).at(-1);
}

function submit(event) {
  const form = event.target.closest("form.decide");
  if (!form || !event.target.closest(TYPING + ", input")) return;
  event.preventDefault();
  form.requestSubmit();
}

function leave(event) {
  const other = event.target.closest("details.other[open]");
  if (other) {
    other.open = false;
    other.querySelector("summary").focus();
  } else if (event.target.matches("textarea.editor")) {
    event.target.closest("article").querySelector("h1").focus({ preventScroll: true });
  } else return;
  event.preventDefault();
}

function enter(details) {
  if (details.open) details.querySelector("input:not([type=hidden]), textarea")?.focus();
}

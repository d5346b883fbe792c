// The form of a JSON draft. The JSON text is what is sent: each change of a control is written into it, and what nobody
// touched stays as it was, to the digit.

import { leaf, problemOf, wasTouched } from "./field_values.js";
import { say } from "./messages.js";

const CONTROL = "input, select, textarea";
const bases = new WeakMap(); // by form: the text that it was made from
let writing = false;
let problems = 0;
let added = 0; // makes the ids of new elements their own

export function listenForFields(stage) {
  stage.addEventListener("input", ({ target }) => {
    if (target.matches("textarea.editor")) typed(target);
    else if (target.closest("[data-fields]")) write(target.closest("[data-fields]"));
  });
  stage.addEventListener("change", ({ target }) => target.matches("[data-fields] :is(input, textarea)") && check(target));
  stage.addEventListener("click", ({ target }) => press(target.closest("button")));
  stage.addEventListener("keydown", keyed);
  stage.addEventListener("htmx:configRequest", ({ target, detail }) => {
    if ("typed" in target.dataset) detail.parameters.typed_json = "1";
  });
}

function press(button) {
  if (!button) return;
  if (button.matches("[data-json-toggle]")) return toggle(button);
  const form = button.closest("[data-fields]");
  if (!form) return;
  if (button.matches("[data-add]")) add(button.closest("[data-kind=array]"));
  else if (button.matches("[data-remove]")) remove(button.closest(".element"), button);
  else if (button.matches("[data-restore]")) restore(button.closest(".removed"));
  else if (button.matches("[data-take]")) take(button);
  else return;
  write(form);
}

/** Enter sends forms elsewhere; here it would send in the middle of the work. Escape leaves, as in the editor. */
function keyed(event) {
  if (!event.target.closest("[data-fields]") || event.isComposing) return;
  if (event.key === "Enter" && event.target.matches("input") && !event.ctrlKey && !event.metaKey) event.preventDefault();
  if (event.key !== "Escape" || !event.target.matches(CONTROL)) return;
  event.preventDefault();
  event.target.closest("article").querySelector("h1, [data-heading]").focus({ preventScroll: true });
}

function toggle(button) {
  const field = button.closest("form").querySelector(".field:has(textarea.editor)");
  const opens = field.toggleAttribute("data-closed") === false;
  button.ariaExpanded = String(opens);
  if (opens) field.querySelector("textarea").focus();
}

/** Somebody writes the JSON itself: the form waits until the server made it anew from that. */
function typed(editor) {
  const form = editor.closest("form").querySelector(".fields");
  if (writing || !form) return;
  editor.dataset.typed = "";
  form.inert = true;
}

function write(form) {
  const editor = form.closest("form").querySelector("textarea.editor");
  if (!bases.has(form)) bases.set(form, editor.value);
  delete editor.dataset.typed;
  editor.value = isTouched(form) ? laidOut(form, "") : bases.get(form);
  writing = true;
  editor.dispatchEvent(new Event("input", { bubbles: true }));
  writing = false;
}

function isTouched(form) {
  if (form.querySelector("[data-removed], [data-added]")) return true;
  return [...form.querySelectorAll(CONTROL)].some(wasTouched);
}

/** The JSON text of a node; empty where there is nothing to write. */
function laidOut(node, indent) {
  if (node.dataset.kind === "leaf") return leaf(node);
  return node.dataset.kind === "array" ? array(node, indent) : object(node, indent);
}

function array(node, indent) {
  const elements = [...node.querySelectorAll(":scope > .elements > .element:not([data-removed])")].filter(holdsSomething);
  const texts = elements.map((one) => laidOut(one.querySelector(":scope > [data-kind]"), `${indent}  `)).filter(Boolean);
  if (!texts.length && !node.dataset.json.startsWith("[")) return node.dataset.json;
  return texts.length ? `[\n${texts.map((text) => `${indent}  ${text}`).join(",\n")}\n${indent}]` : "[]";
}

function object(node, indent) {
  const parts = [...node.querySelectorAll(":scope > [data-kind]")];
  const texts = parts.map((part) => [part.dataset.key, laidOut(part, `${indent}  `)]).filter(([, text]) => text);
  const lines = texts.map(([key, text]) => `${JSON.stringify(key)}: ${text}`);
  const rest = node.dataset.rest.trim().slice(1, -1).trim();
  if (rest) lines.push(rest);
  if (!lines.length && !node.dataset.json.startsWith("{")) return node.dataset.json || (node.closest(".element") ? "{}" : "");
  return lines.length ? `{\n${lines.map((line) => `${indent}  ${line}`).join(",\n")}\n${indent}}` : "{}";
}

/** A new element into which nothing was written is none. */
function holdsSomething(element) {
  return !("added" in element.dataset) || [...element.querySelectorAll(CONTROL)].some((one) => one.value.trim());
}

function add(list) {
  const made = list.querySelector(":scope > template").content.firstElementChild.cloneNode(true);
  made.dataset.added = "";
  added++;
  for (const one of made.querySelectorAll("[id]")) one.id += `+${added}`;
  for (const label of made.querySelectorAll("label")) label.htmlFor += `+${added}`;
  list.querySelector(":scope > .elements").append(made);
  number(list);
  (made.querySelector(CONTROL) ?? made.querySelector("button")).focus();
  say(`${nameOf(made)} added.`);
}

/** What is taken out leaves a line behind, with the way back. */
function remove(element, button) {
  const list = element.closest("[data-kind=array]");
  const name = nameOf(element);
  if (!holdsSomething(element)) {
    element.remove();
    list.querySelector(":scope > [data-add]").focus();
  } else {
    const line = document.createElement("p");
    line.className = "removed small";
    line.append(`${name} removed: ${summary(element)} `, restoreButton(name));
    element.dataset.removed = "";
    element.hidden = true;
    element.after(line);
    line.querySelector("button").focus();
  }
  number(list);
  say(`${name} removed.`);
}

function restore(line) {
  const element = line.previousElementSibling;
  element.hidden = false;
  delete element.dataset.removed;
  line.remove();
  number(element.closest("[data-kind=array]"));
  element.querySelector(":scope > [data-remove]").focus();
  say(`${nameOf(element)} is back.`);
}

function restoreButton(name) {
  const button = document.createElement("button");
  const about = document.createElement("span");
  about.className = "hidden";
  about.textContent = ` ${name}`;
  button.type = "button";
  button.className = "small";
  button.dataset.restore = "";
  button.append("Put back", about);
  return button;
}

/** One click takes the other value; what stood there takes the button's place. */
function take(button) {
  const node = button.closest("[data-kind=leaf]");
  const control = node.querySelector(CONTROL);
  const before = leaf(node) || "null";
  const words = button.querySelector("[data-words]");
  const shown = control.selectedOptions?.[0].textContent ?? control.value;
  const value = JSON.parse(button.dataset.take);
  if (control.matches("select")) {
    if (![...control.options].some((one) => one.value === button.dataset.take)) control.add(new Option(words.textContent, button.dataset.take));
    control.value = button.dataset.take;
  } else control.value = value === null ? "" : typeof value === "string" ? value : button.dataset.take;
  button.dataset.take = before;
  say(`${words.textContent} taken.`);
  words.textContent = shown || "–";
  check(control);
}

function number(list) {
  const elements = [...list.querySelectorAll(":scope > .elements > .element:not([data-removed])")];
  for (const [place, element] of elements.entries()) {
    for (const one of element.querySelectorAll("[data-n]")) if (one.closest(".element") === element) one.textContent = place + 1;
  }
}

const nameOf = (element) => element.querySelector(":scope > [data-remove] .hidden").textContent.trim();

function summary(element) {
  const filled = [...element.querySelectorAll(CONTROL)].find((one) => one.value.trim());
  return filled ? `“${(filled.selectedOptions?.[0].textContent ?? filled.value).trim().slice(0, 60)}”.` : "";
}

/** A value that its schema will not take is named at once, beside it; it can be sent all the same, and is then refused. */
function check(control) {
  const node = control.closest("[data-kind=leaf]");
  const wrong = problemOf(node);
  node.querySelector(":scope > .problem")?.remove();
  const others = (control.getAttribute("aria-describedby") ?? "").split(" ").filter((id) => id && !id.startsWith("problem-"));
  if (wrong) {
    const line = document.createElement("p");
    line.className = "problem";
    line.id = `problem-${++problems}`;
    line.textContent = wrong;
    node.append(line);
    others.push(line.id);
    say(wrong);
  }
  control.setAttribute("aria-invalid", String(Boolean(wrong)));
  if (others.length) control.setAttribute("aria-describedby", others.join(" "));
  else control.removeAttribute("aria-describedby");
}

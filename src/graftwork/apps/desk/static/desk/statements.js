// Statements to look at, marked in the text itself. A textarea holds no marks, so a copy of its text lies behind it.

import { say } from "./messages.js";

const NOT_CHECKED = "Not checked: the text changed, and the check failed.";
const known = new WeakMap(); // by editor: { text, places } as the server last checked it
const sent = new WeakMap(); // by editor: the text that is being checked

export function listenForStatements(stage) {
  const adopt = () => adoptEditor(stage.querySelector("textarea.editor"));
  new MutationObserver(adopt).observe(stage, { childList: true });
  adopt();
  stage.addEventListener("input", ({ target }) => target.matches("textarea.editor") && draw(target));
  stage.addEventListener("scroll", ({ target }) => target.matches("textarea.editor") && fit(target), true);
  stage.addEventListener("click", ({ target }) => target.closest("[data-in-text]") && goTo(target.closest(".claim")));
  stage.addEventListener("htmx:configRequest", ({ target }) => target.matches("textarea.editor") && sent.set(target, target.value));
  stage.addEventListener("htmx:oobBeforeSwap", ({ detail }) => detail.target.matches(".claims") && keepOpen(detail));
  document.addEventListener("htmx:oobAfterSwap", ({ target }) => target.matches(".claims") && checked(stage, target));
}

function adoptEditor(editor) {
  const list = editor?.closest("article").querySelector(".claims");
  if (!list || known.has(editor)) return;
  read(editor, list, editor.defaultValue);
  new ResizeObserver(() => fit(editor)).observe(editor);
}

/** A list that somebody opened stays open, whatever the next check says. */
function keepOpen({ target, fragment }) {
  const [before, after] = [target, fragment].map((one) => one.querySelector(".statements"));
  if (before?.open && after) after.open = true;
  fragment.querySelector(".claims")?.setAttribute("data-before", target.dataset.toCheck);
}

function checked(stage, list) {
  const editor = stage.querySelector("textarea.editor");
  if (!editor) return;
  read(editor, list, sent.get(editor) ?? editor.value);
  if (list.dataset.before !== list.dataset.toCheck) say(list.querySelector(".claims-said")?.textContent ?? "");
}

/** The verdicts that stand there are of another text, and this one has none. */
export function forgetStatements(editor) {
  const list = editor.closest("article").querySelector(".claims");
  if (!list?.querySelector(".claims-said")) return;
  const line = list.querySelector(".claims-said");
  line.className = "claims-said message is-warning";
  line.textContent = NOT_CHECKED;
  list.querySelector(".statements")?.remove();
  list.dataset.toCheck = "";
  read(editor, list, editor.value);
  say(NOT_CHECKED);
}

function read(editor, list, text) {
  const claims = [...list.querySelectorAll(".claim")];
  const places = claims.map((one) => ({ start: +one.dataset.start, end: +one.dataset.end, bad: one.matches(".is-unsupported, .is-miscited") }));
  known.set(editor, { text, places });
  draw(editor);
}

function draw(editor) {
  const copy = editor.parentElement.querySelector(".marks");
  const bad = placesNow(editor).filter((one) => one?.bad);
  const nodes = [];
  let at = 0;
  for (const { start, end } of bad) {
    const mark = document.createElement("mark");
    mark.textContent = editor.value.slice(start, end);
    nodes.push(editor.value.slice(at, start), mark);
    at = end;
  }
  copy.replaceChildren(...(bad.length ? [...nodes, `${editor.value.slice(at)}\u200b`] : []));
  fit(editor);
}

/** Where the statements stand in the text as it is now. One that is being rewritten has no place until it is checked. */
function placesNow(editor) {
  const { text, places } = known.get(editor) ?? { text: "", places: [] };
  const now = editor.value;
  if (now === text) return places;
  const most = Math.min(now.length, text.length);
  let head = 0;
  while (head < most && now[head] === text[head]) head++;
  let tail = 0;
  while (tail < most - head && now.at(-1 - tail) === text.at(-1 - tail)) tail++;
  const shift = now.length - text.length;
  return places.map((one) => {
    if (one.end <= head) return one;
    return one.start >= text.length - tail ? { ...one, start: one.start + shift, end: one.end + shift } : null;
  });
}

/** The copy scrolls with the editor and is as wide as its text, which a scroll bar narrows. */
function fit(editor) {
  const copy = editor.parentElement.querySelector(".marks");
  if (!copy?.firstChild) return;
  copy.style.width = `${editor.clientWidth}px`;
  copy.style.height = `${editor.clientHeight}px`;
  copy.scrollTop = editor.scrollTop;
}

function goTo(claim) {
  const editor = claim.closest("article").querySelector("textarea.editor");
  const place = placesNow(editor)[[...claim.parentElement.children].indexOf(claim)];
  editor.focus();
  if (!place) return;
  editor.setSelectionRange(place.start, place.end);
  const marks = [...editor.parentElement.querySelectorAll(".marks mark")];
  const mark = marks[placesNow(editor).filter((one) => one?.bad).findIndex((one) => one.start === place.start)];
  if (mark) editor.scrollTop = mark.offsetTop - editor.clientHeight / 3;
}

// Showing where a statement or a value was taken from: its words are lit in the source or the item, and scrolled to.

import { say } from "./messages.js";

const PLACES = "graftwork-light";
const PLACE = "graftwork-light-now";
const MOST_CHARACTERS = 240;
let lit = null; // { by, ranges, at }: what was chosen, its places, the one that is shown

export function listenForLights(stage) {
  stage.addEventListener("click", ({ target }) => {
    const by = target.closest("button[data-lights]");
    if (by) light(by, by === lit?.by ? (lit.at + 1) % lit.ranges.length : 0);
    else if (target.closest("[data-light-show]")) show();
    else if (target.closest("[data-light-back]")) goBack();
  });
  stage.addEventListener("focusin", ({ target }) => {
    if (target.matches("[data-fields] [data-lights]")) target !== lit?.by && light(target, 0);
    else if (target.closest("[data-fields]")) putOut();
  });
  // Before the desk's own keys: what is lit goes out first.
  document.addEventListener("keydown", leave, true);
}

/** Light the places of `by`, and go to one of them. */
function light(by, at) {
  putOut();
  const ranges = placesOf(by);
  if (!ranges.length) return;
  lit = { by, ranges, at };
  by.setAttribute("data-lit", "");
  // Without the highlight interface the marks of the page still show all places.
  if (window.CSS?.highlights) {
    CSS.highlights.set(PLACES, new Highlight(...ranges));
    CSS.highlights.set(PLACE, new Highlight(ranges[at]));
  }
  say(words());
  // To scroll a control out of sight just as somebody types into it would be no help.
  bringIntoView(ranges[at], by.matches("button") || isBeside(ranges[at], by));
  fitBar();
}

function putOut() {
  if (!lit) return;
  const bar = barOf(lit.by);
  lit.by.removeAttribute("data-lit");
  lit = null;
  if (bar) bar.hidden = true;
  window.CSS?.highlights?.delete(PLACES);
  window.CSS?.highlights?.delete(PLACE);
}

function leave(event) {
  if (event.key !== "Escape" || !lit || document.querySelector("dialog[open]")) return;
  if (event.target.closest("textarea.editor, details.other[open]")) return;
  const { by } = lit;
  const away = barOf(by)?.hidden === false;
  putOut();
  if (event.target.closest("[data-fields]")) return; // where Escape leaves the control too
  event.preventDefault();
  if (away) by.scrollIntoView({ block: "center" });
}

function show() {
  if (lit) bringIntoView(lit.ranges[lit.at], true);
  fitBar();
}

function goBack() {
  lit?.by.scrollIntoView({ block: "center" });
  lit?.by.focus({ preventScroll: true });
  fitBar();
}

/** Where both do not fit into the window, a bar shows the words, and leads there and back. */
function fitBar() {
  const bar = lit && barOf(lit.by);
  if (!bar) return;
  const there = isInView(lit.ranges[lit.at]);
  const here = isInView(lit.by);
  bar.hidden = there && here;
  bar.querySelector("[data-light-words]").textContent = words();
  bar.querySelector("[data-light-show]").hidden = there;
  bar.querySelector("[data-light-back]").hidden = here;
}

/** What is lit, for those who do not see it. */
function words() {
  const { ranges, at } = lit;
  const holder = ranges[at].startContainer.parentElement.closest("[data-light]");
  const where = holder.parentElement.querySelector("h3").textContent.trim();
  const text = ranges[at].toString().trim();
  const cut = text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS)}…` : text;
  return `${where}${ranges.length > 1 ? `, place ${at + 1} of ${ranges.length}` : ""}: “${cut}”`;
}

function placesOf(by) {
  const article = by.closest("article");
  return JSON.parse(by.dataset.lights || "[]").map((place) => rangeOf(article, place)).filter(Boolean);
}

/** A stretch of text as a range, whatever marks cut it into several nodes. */
function rangeOf(article, [target, start, end]) {
  const holder = article.querySelector(`[data-light="${CSS.escape(target)}"]`);
  if (!holder) return null;
  const range = document.createRange();
  const walker = document.createTreeWalker(holder, NodeFilter.SHOW_TEXT);
  let at = 0;
  let begun = false;
  while (walker.nextNode()) {
    const node = walker.currentNode;
    if (node.parentElement.closest("[data-mark]")) continue; // what the page adds to the text, such as a page's number
    if (!begun && start < at + node.length) {
      range.setStart(node, start - at);
      begun = true;
    }
    if (begun && end <= at + node.length) {
      range.setEnd(node, end - at);
      return range;
    }
    at += node.length;
  }
  return null;
}

const barOf = (by) => by.closest("article")?.querySelector(".light-bar");
const paneOf = (range) => range.startContainer.parentElement.closest(".pane");
const scrolls = (pane) => getComputedStyle(pane).overflowY === "auto";

function isBeside(range, by) {
  const [one, other] = [paneOf(range), by.closest(".pane")].map((pane) => pane.getBoundingClientRect());
  return one.right <= other.left || other.right <= one.left;
}

function bringIntoView(range, withWindow) {
  const pane = paneOf(range);
  // Stretches that were never in view have a guessed height, so the first jump may fall short.
  for (let jump = 0; jump < 4 && !isInView(range); jump++) {
    if (scrolls(pane)) pane.scrollTop += topOf(range) - topOf(pane) - pane.clientHeight / 3;
    if (withWindow && !isInWindow(range.getBoundingClientRect())) window.scrollBy(0, topOf(range) - innerHeight / 3);
  }
}

const topOf = (one) => one.getBoundingClientRect().top;

function isInView(one) {
  const place = one.getBoundingClientRect();
  const pane = (one.startContainer?.parentElement ?? one).closest(".pane");
  const frame = pane.getBoundingClientRect();
  return isInWindow(place) && (!scrolls(pane) || (place.top >= frame.top && place.top < frame.bottom - 8));
}

const isInWindow = (place) => place.top >= 0 && place.top < innerHeight - 8;

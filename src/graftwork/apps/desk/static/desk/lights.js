// Showing where a statement or a value was taken from: its words are lit in the source or the item, and scrolled to.

const LIGHT = "graftwork-light";

export function listenForLights(stage) {
  for (const name of ["click", "focusin"]) stage.addEventListener(name, ({ target }) => follow(target.closest("[data-lights]")));
}

function follow(one) {
  if (!one) return;
  const places = JSON.parse(one.dataset.lights);
  const article = one.closest("article");
  const ranges = places.map((place) => rangeOf(article, place)).filter(Boolean);
  // Without the highlight interface the marks of the page still show all places.
  if (window.CSS?.highlights) CSS.highlights.set(LIGHT, new Highlight(...ranges));
  if (ranges.length) bringIntoView(ranges[0]);
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

function bringIntoView(range) {
  const element = range.startContainer.parentElement;
  const pane = element.closest(".pane");
  const place = range.getBoundingClientRect();
  const window_ = pane.getBoundingClientRect();
  if (getComputedStyle(pane).overflowY === "auto") {
    if (place.top < window_.top || place.bottom > window_.bottom) pane.scrollTop += place.top - window_.top - pane.clientHeight / 3;
  } else if (place.top < 0 || place.bottom > innerHeight) element.scrollIntoView({ block: "center" });
}

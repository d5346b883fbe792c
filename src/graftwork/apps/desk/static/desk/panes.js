// Beside each other, the panes scroll by themselves: the item opens at the turn that is to be answered.

/** Bring the last turn of a thread, or the first words that the draft was taken from, into view, and let the keyboard scroll a pane that is longer than the window. */
export function openAtTheEnd(article) {
  for (const pane of article.querySelectorAll(".pane")) {
    const scrolls = pane.scrollHeight > pane.clientHeight + 1 && getComputedStyle(pane).overflowY === "auto";
    if (scrolls) pane.tabIndex = 0;
    else pane.removeAttribute("tabindex");
  }
  const pane = article.querySelector(".of-item");
  const last = pane?.querySelector(".thread:not(.earlier) > .turn:last-child") ?? firstOutOfSight(pane);
  if (!last || pane.tabIndex !== 0) return;
  const top = last.getBoundingClientRect().top - pane.getBoundingClientRect().top + pane.scrollTop;
  // A turn longer than the pane shows its beginning.
  pane.scrollTop = Math.min(top - 8, pane.scrollHeight - pane.clientHeight);
}

function firstOutOfSight(pane) {
  const mark = pane?.querySelector("[data-light] mark");
  return mark && mark.getBoundingClientRect().bottom > pane.getBoundingClientRect().bottom ? mark : null;
}

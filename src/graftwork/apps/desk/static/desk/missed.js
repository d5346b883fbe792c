// Reporting a value that was not masked: select it in the item, then two keys (the shortcut, and Enter).

import { sendBeside } from "./beside.js";

const THANKS = "Reported. Thank you.";

export function listenForMissed(stage) {
  let selected = "";
  // A press on the button takes the selection away, so what was selected last is kept until the form opens.
  document.addEventListener("selectionchange", () => (selected = selection() || selected));
  stage.addEventListener("click", ({ target }) => target.closest('[data-toggles="missed"]') && fill(target.closest("article")));
  stage.addEventListener("submit", (event) => {
    if (!event.target.matches("form.missed")) return;
    event.preventDefault();
    sendBeside(event.target, "missed", THANKS);
  });

  function selection() {
    const now = document.getSelection();
    const pane = now.anchorNode?.parentElement?.closest(".of-item .text, .of-item .speaker");
    return pane && stage.contains(pane) ? now.toString().trim() : "";
  }

  // The form opens on the same click, by shortcuts.js, and puts the focus into this field: Enter sends it.
  function fill(article) {
    const field = article.querySelector("form.missed input[name=value]");
    // A quick key comes before the browser has told of the selection, so it is asked for once more.
    const value = selection() || selected;
    if (value) field.value = value;
    article.querySelector(".missed-said").textContent = "";
    selected = "";
  }
}

// The desk's script: everything it does also has a form or a link behind it; it makes reviewing fast.

import { followChanges } from "./changes.js";
import { giveBackOnLeaving, keepClaims } from "./claims.js";
import { Deck, hasTyped } from "./deck.js";
import { listenForDecisions } from "./decisions.js";
import { listenForFeedback } from "./feedback.js";
import { listenForFields } from "./fields.js";
import { Refused, refreshToken } from "./http.js";
import { listenForLights } from "./lights.js";
import { asFragment, clearTrouble, showTrouble } from "./messages.js";
import { listenForMissed } from "./missed.js";
import { hintKeys, listenForKeys } from "./shortcuts.js";
import { listenForStatements } from "./statements.js";
import { Undos } from "./undo.js";

const stage = document.getElementById("stage");
const keys = JSON.parse(document.getElementById("help").dataset.keys || "{}");
const deck = stage ? new Deck(stage, (article) => hintKeys(article, keys)) : null;
const undos = new Undos(document.getElementById("toasts"), deck);

listenForKeys(keys);
hintKeys(document, keys);
if (deck) {
  listenForDecisions(deck, undos);
  keepClaims(deck);
  giveBackOnLeaving(deck);
  measureTime();
  warnBeforeLosingText();
  followChanges(stage);
  listenForMissed(stage);
  listenForFeedback(stage);
  listenForFields(stage);
  listenForLights(stage);
  listenForStatements(stage);
  // A draft that was being written is there now, and its editor took the place of the progress.
  stage.addEventListener("htmx:load", (event) => event.target.matches("article") && event.target === deck.current && deck.adopt(event.target));
}
fitFilters();
document.addEventListener("htmx:oobAfterSwap", () => hintKeys(document, keys));
showAnswersOfErrors();
pausePollingWhileHidden();

function measureTime() {
  const now = () => performance.now();
  for (const name of ["keydown", "pointerdown", "pointermove", "wheel", "scroll"]) {
    document.addEventListener(name, () => deck.clock().event(now()), { passive: true, capture: true });
  }
  stage.addEventListener("input", (event) => event.target.matches("textarea.editor") && deck.clock().edit(now()));
  document.addEventListener("visibilitychange", () => (document.hidden ? deck.clock().hide(now()) : deck.clock().reveal(now())));
}

function warnBeforeLosingText() {
  addEventListener("beforeunload", (event) => {
    if ([deck.current, ...deck.ahead, ...undos.skipped].some(hasTyped)) event.preventDefault();
  });
}

/** htmx leaves the page as it is when a request fails; the person still has to know. */
function showAnswersOfErrors() {
  document.addEventListener("htmx:afterRequest", ({ target, detail }) => {
    const article = target.closest("article");
    if (detail.successful && article) {
      const trouble = article.querySelector(".trouble");
      // What a decision was refused for stays, whatever the check of the text says meanwhile.
      const ofDecision = target.matches("textarea.editor") && !("ofCheck" in (trouble?.dataset ?? {}));
      if (!ofDecision && !trouble?.dataset.code?.startsWith("conflict.")) clearTrouble(article);
    } else if (detail.failed) {
      const error = detail.xhr.status ? new Refused(detail.xhr.status, detail.xhr.responseText) : new TypeError("no network");
      if (target.matches("textarea.editor") && (error.status ?? 500) >= 500) return; // changes.js says it beside the text
      if (error.status === 403) refreshToken().catch(() => {}); // the next request shows what is wrong
      if (article) {
        showTrouble(article, error);
        if (target.matches("textarea.editor")) article.querySelector(".trouble").dataset.ofCheck = "";
      } else document.getElementById("queue")?.replaceChildren(asFragment(error));
    }
  });
}

/** On a narrow window the filters are folded away; the way here from another page's "search" leads into the field. */
function fitFilters() {
  const filters = document.getElementById("filters");
  if (!filters) return;
  const narrow = matchMedia("(max-width: 48rem)");
  const fit = () => (filters.open = !narrow.matches);
  narrow.addEventListener("change", fit);
  fit();
  if (location.hash !== "#filter-id") return;
  filters.open = true;
  document.getElementById("filter-id").focus();
}

function pausePollingWhileHidden() {
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (document.hidden && event.target.matches("[data-poll]")) event.preventDefault();
  });
}

// Keeping the claims of a page alive while somebody works on it, and letting go of what they will not need.

import { hasTyped } from "./deck.js";
import { Refused, csrfToken, post } from "./http.js";
import { showTrouble } from "./messages.js";

const EVENTS = ["keydown", "pointerdown", "pointermove", "wheel", "scroll", "input"];
const LONGEST_PAUSE_MS = 60_000;

/** Renew every minute in which the person did something here; an abandoned page lets its claims run out. */
export function keepClaims(deck) {
  let used = false;
  let lastBeat = Date.now();
  const pause = () => Math.min(LONGEST_PAUSE_MS, (Number(deck.current.dataset.claimSeconds) * 1000) / 3 || LONGEST_PAUSE_MS);

  const beat = () => {
    if (!used || document.hidden || Date.now() - lastBeat < pause()) return;
    used = false;
    lastBeat = Date.now();
    renew(deck);
  };
  const use = () => {
    used = true;
    beat();
  };
  for (const name of EVENTS) document.addEventListener(name, use, { passive: true, capture: true });
  setInterval(beat, 1_000);
}

/** One sign of life for each item that this page holds. */
export function renew(deck) {
  for (const article of [deck.current, ...deck.ahead]) {
    if (!("mine" in article.dataset)) continue;
    post(article.dataset.renewUrl, {}).then(
      () => deck.claimed(article),
      (error) => lost(deck, article, error),
    );
  }
}

/** Who leaves the page gives back what was only kept ready; what they had open stays theirs until the claim ends. */
export function giveBackOnLeaving(deck) {
  addEventListener("pagehide", () => {
    const items = deck.letGo();
    if (!items.length) return;
    const data = new FormData();
    data.append("beacon", "1");
    data.append("csrfmiddlewaretoken", csrfToken());
    for (const item of items) data.append("item", item);
    navigator.sendBeacon(deck.stage.dataset.giveBackUrl, data);
  });
  addEventListener("pageshow", (event) => event.persisted && deck.prepare());
}

function lost(deck, article, error) {
  if (article !== deck.current) {
    if (error instanceof Refused && !hasTyped(article)) deck.drop(article);
  } else if (error instanceof Refused) {
    showTrouble(article, error, () => deck.claimed(article));
  }
}

// Send, reject, escalate, pass on. The next item shows at once; where the server refuses, the decided one comes back.

import { hasTyped } from "./deck.js";
import { post } from "./http.js";
import { clearTrouble, showTrouble } from "./messages.js";

const underWay = new WeakSet();

export function listenForDecisions(deck, undos) {
  deck.stage.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("form.decide, form[data-skip]")) return;
    event.preventDefault();
    if (form.matches("[data-skip]")) skip(deck, undos);
    else decide(deck, undos, form);
  });
}

async function decide(deck, undos, form) {
  const article = form.closest("article");
  if (underWay.has(article)) return;
  underWay.add(article);
  performance.mark("desk:decided");
  clearTrouble(article);
  const data = new FormData(form);
  data.set("use_case", deck.stage.dataset.useCase);
  deck.clock(article).event(performance.now());
  deck.clock(article).leave(performance.now());
  for (const [name, value] of Object.entries(deck.clock(article).figures())) data.append(name, value);
  // A text that the server may well refuse (JSON under a schema, an empty one) stays until it is taken.
  const waits = form.dataset.kind === "approve" && isDoubtful(form);
  const place = undos.reserve();
  try {
    const sent = post(form.action, data);
    if (!waits) advance(deck);
    const toast = await sent;
    if (waits) advance(deck);
    undos.add(toast, article, place);
  } catch (error) {
    place.remove();
    deck.comeBack(article);
    deck.clock(article).show(performance.now(), !document.hidden);
    showTrouble(article, error, () => deck.claimed(article));
  } finally {
    underWay.delete(article);
  }
}

function isDoubtful(form) {
  const editor = form.querySelector("textarea.editor");
  return Boolean(editor.dataset.waits) || !editor.value.trim();
}

/** Pass an item on to others. What was typed on it is nowhere else, so it is kept for a way back. */
function skip(deck, undos) {
  const article = deck.current;
  if (underWay.has(article)) return;
  const givenBack = post(deck.stage.dataset.giveBackUrl, { item: article.dataset.item }).catch(() => {}); // else its claim just ends
  if (hasTyped(article)) undos.addSkipped(article, givenBack);
  advance(deck);
}

/** Next item, with a measure of how long it took until it was painted. */
async function advance(deck) {
  const begun = performance.now();
  try {
    await deck.advance();
  } catch (error) {
    showTrouble(deck.current, error);
    return;
  }
  requestAnimationFrame(() => setTimeout(() => performance.measure("desk:next-item", { start: begun, end: performance.now() })));
}

// Telling the person what went wrong, beside the item that it is about.

import { Refused, post } from "./http.js";

const UNREACHABLE = "The server cannot be reached. Nothing is lost: your text is still here. Try again.";

/** Show why something failed, in the item's own place for it; the editor stays as it is. */
export function showTrouble(article, error, onClaimed = () => {}) {
  const place = article.querySelector(".trouble");
  place.replaceChildren(asFragment(error));
  delete place.dataset.ofCheck;
  place.dataset.code = place.querySelector("[data-code]")?.dataset.code ?? "";
  place.querySelector("[data-claim-again]")?.addEventListener("click", () => claimAgain(article, onClaimed));
  place.querySelector("[data-copy]")?.addEventListener("click", () => copyText(article));
  place.hidden = false;
  place.scrollIntoView({ block: "nearest" });
}

export function clearTrouble(article) {
  const place = article.querySelector(".trouble");
  if (!place || place.hidden) return;
  place.hidden = true;
  place.replaceChildren();
}

let said = () => document.getElementById("said");

/** Where an embedded draft has its line for screen readers. */
export function sayIn(find) {
  said = find;
}

export function say(text) {
  said().textContent = text;
}

/** How much is done and left, where an answer of the server says so. */
export function showTally(html) {
  const holder = document.createElement("template");
  holder.innerHTML = html;
  const tally = holder.content.querySelector("[data-tally]")?.dataset.tally;
  const line = document.getElementById("tally");
  if (tally && line) line.textContent = tally;
}

/** The server's fragment; a sentence of our own where there is none. */
export function asFragment(error) {
  const holder = document.createElement("template");
  if (error instanceof Refused && error.html.includes("data-code")) {
    holder.innerHTML = error.html;
  } else {
    const line = document.createElement("p");
    line.textContent = error instanceof Refused ? `The server answered with error ${error.status}. Your text is still here.` : UNREACHABLE;
    holder.content.append(line);
  }
  return holder.content;
}

async function claimAgain(article, onClaimed) {
  try {
    await post(article.dataset.renewUrl, {});
    clearTrouble(article);
    say("The item is yours again.");
    onClaimed();
  } catch (error) {
    showTrouble(article, error, onClaimed);
  }
}

/** Onto the clipboard; where the browser does not let us (plain HTTP), selected, ready for Ctrl+C. */
async function copyText(article) {
  const editor = article.querySelector("textarea.editor");
  try {
    await navigator.clipboard.writeText(editor.value);
    say("Your text is copied.");
    article.querySelector("[data-copy]").textContent = "Copied";
  } catch {
    editor.select();
    say("Your text is selected: copy it with Control and C.");
  }
}

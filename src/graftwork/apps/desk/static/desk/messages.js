// Telling the person what went wrong, beside the item that it is about.

import { Refused, post } from "./http.js";

const UNREACHABLE = "The server cannot be reached. Nothing is lost: your text is still here. Try again.";

/** Show why something failed, in the item's own place for it; the editor stays as it is. */
export function showTrouble(article, error, onClaimed = () => {}) {
  const place = article.querySelector(".trouble");
  place.replaceChildren(asFragment(error));
  const code = place.querySelector("[data-code]")?.dataset.code ?? "";
  place.dataset.code = code;
  if (code === "conflict.claim_lost" || code === "conflict.claimed") place.append(claimAgain(article, onClaimed));
  place.hidden = false;
  place.scrollIntoView({ block: "nearest" });
}

export function clearTrouble(article) {
  const place = article.querySelector(".trouble");
  if (!place || place.hidden) return;
  place.hidden = true;
  place.replaceChildren();
}

export function say(text) {
  document.getElementById("said").textContent = text;
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

function claimAgain(article, onClaimed) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = "Claim it again";
  button.addEventListener("click", async () => {
    try {
      await post(article.dataset.renewUrl, {});
      clearTrouble(article);
      say("The item is yours again.");
      onClaimed();
    } catch (error) {
      showTrouble(article, error, onClaimed);
    }
  });
  return button;
}

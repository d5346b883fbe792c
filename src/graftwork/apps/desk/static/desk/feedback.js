// Feedback on the help, sent from an item without leaving it: the text that is being edited stays.

import { post } from "./http.js";
import { clearTrouble, showTrouble } from "./messages.js";

const THANKS = "Sent. Thank you.";

export function listenForFeedback(stage) {
  stage.addEventListener("submit", (event) => {
    if (!event.target.matches("form.feedback")) return;
    event.preventDefault();
    send(event.target);
  });
}

async function send(form) {
  const article = form.closest("article");
  clearTrouble(article);
  try {
    await post(form.action, new FormData(form));
  } catch (error) {
    showTrouble(article, error);
    return;
  }
  form.reset();
  form.closest("details").open = false;
  article.querySelector('[data-toggles="feedback"]').focus();
  article.querySelector(".feedback-said").textContent = THANKS;
}

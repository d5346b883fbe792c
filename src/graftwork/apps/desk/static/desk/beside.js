// A small form beside the item, sent without leaving it: the text that is being edited stays.

import { post } from "./http.js";
import { clearTrouble, showTrouble } from "./messages.js";

/** POST `form`, close it, and say `thanks`; `name` is what its button toggles. */
export async function sendBeside(form, name, thanks) {
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
  article.querySelector(`[data-toggles="${name}"]`).focus();
  article.querySelector(`.${name}-said`).textContent = thanks;
}

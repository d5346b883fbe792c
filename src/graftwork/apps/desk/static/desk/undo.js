// The seconds in which a decision can be taken back: a toast for each, with a countdown and a button.

import { post } from "./http.js";
import { asFragment } from "./messages.js";

export class Undos {
  #articles = new Map();

  constructor(place, deck) {
    this.place = place;
    this.deck = deck;
    for (const toast of place.querySelectorAll(".toast")) this.#start(toast);
    place.addEventListener("submit", (event) => {
      const toast = event.target.closest(".toast");
      const article = this.#articles.get(toast.dataset.review);
      if (!article) return; // decided on another page: the browser posts the form and follows to the item
      event.preventDefault();
      this.#undo(toast, event.target, article);
    });
  }

  /** A place for the toast of a decision that is on its way: toasts stand in the order of the decisions. */
  reserve() {
    const place = document.createElement("div");
    place.hidden = true;
    this.place.append(place);
    return place;
  }

  /** The decision was stored: offer to take it back. `article` still holds what the person typed. */
  add(html, article, place) {
    const holder = document.createElement("template");
    holder.innerHTML = html;
    const toast = document.importNode(holder.content.querySelector(".toast"), true);
    this.#articles.set(toast.dataset.review, article);
    place.replaceWith(toast);
    this.#start(toast);
  }

  #start(toast) {
    const end = performance.now() + Number(toast.dataset.seconds) * 1000;
    const line = toast.querySelector(".countdown");
    const timer = setInterval(() => {
      const left = Math.ceil((end - performance.now()) / 1000);
      line.textContent = `${Math.max(0, left)} s`;
      if (left <= 0 || !toast.isConnected) {
        clearInterval(timer);
        this.#remove(toast);
      }
    }, 250);
  }

  async #undo(toast, form, article) {
    toast.querySelector("button").disabled = true;
    try {
      await post(form.action, {});
      this.#remove(toast);
      this.deck.claimed(article);
      this.deck.comeBack(article);
    } catch (error) {
      form.remove();
      toast.querySelector("[role=status]").replaceChildren(asFragment(error));
    }
  }

  #remove(toast) {
    this.#articles.delete(toast.dataset.review);
    toast.remove();
  }
}

// The seconds in which a decision can be taken back, and the skipped items whose text was kept: a toast for each.
// The latest is shown; a button unfolds the others.

import { post } from "./http.js";
import { asFragment, showTally, showTrouble } from "./messages.js";

export class Undos {
  #articles = new Map();
  #skipped = new Map();

  constructor(place, deck) {
    this.place = place;
    this.more = place.querySelector("[data-more]");
    this.deck = deck;
    for (const toast of place.querySelectorAll(".toast")) this.#start(toast);
    place.addEventListener("submit", (event) => {
      const toast = event.target.closest(".toast");
      const article = this.#articles.get(toast.dataset.review);
      if (!article) return; // decided on another page: the browser posts the form and follows to the item
      event.preventDefault();
      this.#undo(toast, event.target, article);
    });
    place.addEventListener("click", (event) => {
      if (event.target.closest("[data-back]")) this.#goBack(event.target.closest(".toast"));
    });
    this.more.addEventListener("click", () => this.#arrange(this.more.ariaExpanded !== "true"));
    this.#arrange(false);
  }

  /** The sections that were skipped, which hold text that is nowhere else. */
  get skipped() {
    return [...this.#skipped.values()].map((one) => one.article);
  }

  /** A place for the toast of a decision that is on its way: toasts stand in the order of the decisions. */
  reserve() {
    const place = document.createElement("div");
    place.hidden = true;
    this.more.before(place);
    return place;
  }

  /** The decision was stored: offer to take it back. `article` still holds what the person typed. */
  add(html, article, place) {
    const toast = this.#imported(html);
    this.#articles.set(toast.dataset.review, article);
    place.replaceWith(toast);
    this.#start(toast);
    showTally(html);
    this.#arrange();
  }

  /** Typed text was passed over: it stays until the person comes back for it. `givenBack` settles when the claim is free. */
  addSkipped(article, givenBack) {
    const toast = this.#imported(document.getElementById("skipped-toast").innerHTML);
    toast.querySelector("[data-id]").textContent = article.dataset.externalId;
    this.#skipped.set(toast, { article, givenBack });
    this.more.before(toast);
    this.#arrange();
  }

  #imported(html) {
    const holder = document.createElement("template");
    holder.innerHTML = html;
    return document.importNode(holder.content.querySelector(".toast"), true);
  }

  /** The latest toast, and a button that says how many more there are. */
  #arrange(unfold = this.more.ariaExpanded === "true") {
    const toasts = [...this.place.querySelectorAll(".toast")];
    const others = toasts.slice(0, -1);
    const open = unfold && others.length > 0;
    for (const toast of others) toast.hidden = !open;
    if (toasts.length) toasts.at(-1).hidden = false;
    this.more.hidden = others.length === 0;
    this.more.ariaExpanded = String(open);
    this.more.textContent = open ? "Show the latest only" : `and ${others.length} more`;
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
      showTally(await post(form.action, { use_case: this.deck.stage.dataset.useCase }));
      this.#remove(toast);
      this.deck.claimed(article);
      this.deck.comeBack(article);
    } catch (error) {
      form.remove();
      toast.querySelector("[role=status]").replaceChildren(asFragment(error));
    }
  }

  /** The text comes back in any case; where somebody else has the item by now, the page says so beside it. */
  async #goBack(toast) {
    const { article, givenBack } = this.#skipped.get(toast);
    toast.querySelector("button").disabled = true;
    await givenBack;
    const failure = await post(article.dataset.renewUrl, {}).then(() => null, (error) => error);
    this.#remove(toast);
    if (!failure) this.deck.claimed(article);
    this.deck.comeBack(article);
    if (failure) showTrouble(article, failure, () => this.deck.claimed(article));
  }

  #remove(toast) {
    this.#articles.delete(toast.dataset.review);
    this.#skipped.delete(toast);
    toast.remove();
    this.#arrange();
  }
}

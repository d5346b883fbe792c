// The items of a review session: one on the stage, the next one ready beside it, the decided ones kept for an undo.
// An item's section is a DOM node that moves between these places, so its text and its open forms are never lost.

import { post } from "./http.js";
import { openAtTheEnd } from "./panes.js";
import { TaskClock } from "./timing.js";

// A claim that ends within this time is not worth showing.
const SPARE_MS = 5_000;

/** Whether this section holds text that the server does not have. */
export function hasTyped(article) {
  return [...article.querySelectorAll("textarea")].some((one) => one.value !== one.defaultValue);
}

export class Deck {
  ahead = [];
  #seen = new Set();
  #clocks = new WeakMap();
  #claimedUntil = new WeakMap();
  #preparing = null;
  #refused = null;

  /** `onNew` is told of every section that comes, before it is shown. */
  constructor(stage, onNew = () => {}) {
    this.stage = stage;
    this.onNew = onNew;
    this.adopt(stage.querySelector("article"));
  }

  get current() {
    return this.stage.querySelector("article");
  }

  clock(article = this.current) {
    if (!this.#clocks.has(article)) this.#clocks.set(article, new TaskClock());
    return this.#clocks.get(article);
  }

  /** A section that the server put on the stage. */
  adopt(article) {
    this.onNew(article);
    this.claimed(article);
    this.#seen.add(article.dataset.item);
    if (article.dataset.mode === "edit") this.clock(article).show(performance.now(), !document.hidden);
    openAtTheEnd(article);
    this.prepare();
  }

  /** The server just said that this claim is ours. */
  claimed(article) {
    this.#claimedUntil.set(article, Date.now() + Number(article.dataset.claimSeconds) * 1000);
  }

  /** Have the next item ready: claimed and laid out, outside the document. */
  prepare() {
    if (this.ahead.length || this.current.dataset.mode !== "edit") return;
    this.#fetchOnce().catch(() => {}); // what fails here is tried again, and told, when the item is wanted
  }

  /** Show the next item; the one on the stage moves out of sight as it is. Throws what `post` throws. */
  async advance() {
    const left = this.current;
    this.#refused = null;
    const next = this.#takeReady() ?? (await this.#waitForNext());
    // An item may have come back in the meantime, and then has the stage.
    if (this.current === left && this.#refused !== left) this.show(next);
    else if (next.dataset.mode !== "none") this.ahead.unshift(next);
  }

  /** Bring an item back on the stage; the one that was there waits at the front. */
  comeBack(article) {
    const left = this.current;
    this.#refused = article;
    if (left === article) return;
    if (left.dataset.mode === "edit") this.ahead.unshift(left);
    this.show(article);
  }

  show(article) {
    const now = performance.now();
    this.clock(this.current).leave(now);
    this.stage.replaceChildren(article);
    if (article.dataset.mode === "edit") {
      this.clock(article).show(now, !document.hidden);
      this.#seen.add(article.dataset.item);
    }
    if (article.dataset.pageUrl) history.replaceState(null, "", this.#address(article));
    document.title = article.dataset.title ?? document.title;
    window.scrollTo(0, 0);
    article.querySelector("h1").focus({ preventScroll: true });
    window.htmx.process(article);
    openAtTheEnd(article);
    setTimeout(() => this.prepare(), 50);
  }

  drop(article) {
    this.ahead = this.ahead.filter((one) => one !== article);
    this.#seen.delete(article.dataset.item);
    this.prepare();
  }

  /** The items that are only kept ready, which from now on nobody keeps. */
  letGo() {
    const items = this.ahead.map((article) => article.dataset.item);
    this.ahead = [];
    for (const item of items) this.#seen.delete(item);
    return items;
  }

  #address(article) {
    const query = new URLSearchParams(this.stage.dataset.useCase ? { use_case: this.stage.dataset.useCase } : {});
    if (article.dataset.mode === "none") query.set("none", "1");
    return article.dataset.pageUrl + (query.size ? `?${query}` : "");
  }

  #takeReady() {
    while (this.ahead.length) {
      const article = this.ahead.shift();
      if (hasTyped(article) || this.#claimedUntil.get(article) > Date.now() + SPARE_MS) return article;
      this.#seen.delete(article.dataset.item); // its claim has ended; who is free to take it may do so, we too
    }
    return null;
  }

  async #waitForNext() {
    this.stage.ariaBusy = "true";
    try {
      await this.#preparing?.catch(() => {});
      if (!this.ahead.length) await this.#fetchOnce();
    } finally {
      this.stage.ariaBusy = null;
    }
    return this.#takeReady() ?? document.getElementById("none-left").content.firstElementChild.cloneNode(true);
  }

  /** One request at a time: two at once would both be given the same item, which neither names to skip yet. */
  #fetchOnce() {
    this.#preparing ??= this.#fetchNext().finally(() => (this.#preparing = null));
    return this.#preparing;
  }

  async #fetchNext() {
    const data = new URLSearchParams({ use_case: this.stage.dataset.useCase });
    for (const item of [...this.#seen].slice(-100)) if (item) data.append("skip", item);
    const html = await post(this.stage.dataset.nextUrl, data);
    if (!html) return;
    const holder = document.createElement("template");
    holder.innerHTML = html;
    const article = document.importNode(holder.content.querySelector("article"), true);
    this.onNew(article);
    this.claimed(article);
    this.#seen.add(article.dataset.item);
    this.ahead.push(article);
  }
}

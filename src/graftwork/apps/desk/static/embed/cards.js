// What is shown of an item that there is nothing to decide on, now: it waits, somebody has it, or it is decided.

import { button, h } from "./dom.js";
import { header, message, notices, reading, removed, sources, statements } from "./parts.js";

const card = (page, words, level, ...children) =>
  h("article", { class: "card", part: "card", "aria-labelledby": "title" }, header(page, words, level), ...children);

/** An item in any of the modes writing, held, free and view; `open` takes it. */
export function standingCard(page, words, level, open) {
  const said = {
    writing: () => [h("p", { role: "status" }, words.say("writing")), page.progress && reading(page.progress)],
    held: () => [message("", h("p", {}, words.say("held", { holder: page.holder })))],
    free: () => [message("", h("p", {}, words.say("free")), button(words.say("open"), open, { class: "primary" }))],
    view: () => [message("", h("p", {}, words.say(page.item.state === "escalated" ? "escalated" : "view")))],
  }[page.mode]();
  const text = page.mode === "writing" ? [] : [page.text && reading(page.text), ...statements(page.statements, words), ...removed(page, words), ...sources(page, words)];
  return card(page, words, level, ...said, ...notices(page, words), ...text);
}

/** Why nothing can be shown. */
export function troubleCard(text, ...actions) {
  const trouble = h("div", { class: "message is-bad", role: "alert", part: "trouble" }, h("p", {}, text), ...actions);
  return h("div", { class: "card", part: "card" }, trouble);
}

/** A decision, with the way back while there is one; `settled` is called when it is over. */
export class DecidedCard {
  tried = false;
  #timer = 0;
  #left = h("span", { "aria-hidden": "true" });
  #trouble = h("p", { class: "problem", role: "alert" });

  constructor(page, words, level, { undo, settled }) {
    Object.assign(this, { words, settled });
    const { decided } = page;
    const name = decided.decision === "escalated" ? "escalatedBy" : decided.decision;
    const by = decided.mine || !decided.by ? "" : ` ${words.say("by", { name: decided.by })}`;
    const why = decided.reason || decided.note;
    this.undo = button(words.say("undo"), undo, { part: "button undo" });
    const line = h("div", { class: "decided", part: "decided" }, h("p", {}, h("strong", { role: "status" }, words.say(name) + by), " ", this.#left), this.undo);
    const text = decided.final && h("details", {}, h("summary", {}, words.say("decidedText")), reading(decided.final));
    this.node = card(page, words, level, line, this.#trouble, why && h("p", { class: "text", dir: "auto" }, why), text);
    this.#countDown(decided.undo_seconds);
  }

  say(text) {
    this.#trouble.textContent = text;
  }

  stop() {
    clearInterval(this.#timer);
  }

  #countDown(seconds) {
    const end = performance.now() + seconds * 1000;
    const tick = () => {
      const rest = Math.ceil((end - performance.now()) / 1000);
      this.#left.textContent = rest > 0 ? this.words.say("takesEffect", { n: rest }) : this.words.say("inEffect");
      if (rest > 0) return;
      this.stop();
      this.undo.remove();
      if (seconds > 0) this.settled();
    };
    this.#timer = setInterval(tick, 250);
    tick();
  }
}

// One item on the page, from opening it to its decision: what to show, what to ask the server, and what to do when it
// does not answer.

import { button, h } from "./dom.js";
import { Editor } from "./editor.js";
import { TOKEN_ENDED, isTemporary } from "./link.js";
import { header, message, notices, reading, removed, sources, statements } from "./parts.js";
import { Watch } from "./watch.js";

const WRITING_PAUSE_MS = 2_000;
const HELD_PAUSE_MS = 20_000;
const RETRY_PAUSES_MS = [1_000, 2_000, 5_000, 10_000, 30_000];
const LONGEST_RENEWAL_PAUSE_MS = 60_000;

// Why a person can no longer decide on what they have before them, by the mode that the item is in now.
const LOST_TO = { held: "conflict.claimed", free: "conflict.claim_lost", decided: "conflict.reviewed", view: "conflict.reviewed", writing: "conflict.not_ready" };
// Taking the item again would not help.
const SETTLED = new Set(["conflict.reviewed", "conflict.not_ready"]);

export class Session {
  page = null;
  editor = null;
  #timer = 0;
  #countdown = 0;
  #failures = 0;
  #left = false;
  #pending = null; // a decision that could not be sent yet
  #resume = null; // what to do when there is a token, or a network, again
  #renewedAt = 0;

  /** `place` takes the nodes; `tell(name, detail)` tells the page. */
  constructor({ host, place, link, words, level, tell }) {
    Object.assign(this, { host, place, link, words, level, tell });
    this.watch = new Watch(host, () => this.#renew());
    this.online = () => this.#resume?.();
    addEventListener("online", this.online);
  }

  get text() {
    return this.editor?.text.value ?? this.page?.decided?.final ?? this.page?.text ?? "";
  }

  get hasTyped() {
    return this.page?.mode === "edit" && Boolean(this.#pending || this.editor?.hasTyped);
  }

  async open() {
    if (!this.page) this.#put(h("p", { class: "quiet", role: "status" }, this.words.say("loading")));
    try {
      const page = await this.link.post("open");
      this.#failures = 0;
      this.#show(page);
      if (this.#left) this.#giveBack();
    } catch (error) {
      this.#notOpened(error);
    }
  }

  /** The page has a new token: go on where the old one ended. */
  renewed() {
    this.#resume?.();
  }

  /** The element or the whole page goes: the item is free for others, what was typed stays here. */
  leave() {
    this.#left = true;
    this.watch.stop();
    if (this.#pending) return; // decided is decided: it is sent all the same
    this.#wait(null);
    this.#giveBack();
  }

  /** It came back, moved in the page or out of the browser's memory of pages. */
  comeBack() {
    if (!this.#left) return;
    this.#left = false;
    if (this.#pending) return;
    if (this.page?.mode !== "edit") this.open();
    else this.#claimAgain();
  }

  close() {
    this.leave();
    clearInterval(this.#countdown);
    removeEventListener("online", this.online);
  }

  #show(page) {
    const before = this.page?.mode;
    this.page = page;
    this.#wait(null);
    clearInterval(this.#countdown);
    if (page.decided && (page.mode === "decided" || page.decided.undo_seconds > 0)) this.#showDecided();
    else if (page.mode === "edit") this.#showEditor();
    else this.#showStanding();
    if (page.mode !== before) this.tell("state", { mode: page.mode });
  }

  #showEditor() {
    if (!this.editor) {
      const calls = { decide: (kind, fields) => this.#decide(kind, fields), check: (body) => this.link.post("check", body), edited: () => this.watch.edit() };
      this.editor = new Editor(this.page, this.words, this.level, calls);
      this.tell("opened", {});
    }
    this.#renewedAt = Date.now();
    this.#put(this.editor.node);
    if (!this.#left) this.watch.start();
  }

  /** Nothing to decide on here, now. */
  #showStanding() {
    const { page, words } = this;
    this.editor = null;
    const said = {
      writing: () => [h("p", { role: "status" }, words.say("writing")), page.progress && reading(page.progress)],
      held: () => [message("", h("p", {}, words.say("held", { holder: page.holder })))],
      free: () => [message("", h("p", {}, words.say("free")), button(words.say("open"), () => this.open(), { class: "primary" }))],
      view: () => [message("", h("p", {}, words.say(page.item.state === "escalated" ? "escalated" : "view")))],
    }[page.mode]();
    const text = page.mode === "writing" ? [] : [page.text && reading(page.text), ...statements(page.statements, words), ...removed(page, words), ...sources(page, words)];
    this.#put(this.#card(...said, ...notices(page, words), ...text));
    if (page.mode === "writing") this.#wait(() => this.open(), WRITING_PAUSE_MS);
    if (page.mode === "held") this.#wait(() => this.open(), HELD_PAUSE_MS);
  }

  #showDecided() {
    const { decided } = this.page;
    const { words } = this;
    this.watch.stop();
    const name = decided.decision === "escalated" ? "escalatedBy" : decided.decision;
    const by = decided.mine || !decided.by ? "" : ` ${words.say("by", { name: decided.by })}`;
    const why = decided.reason || decided.note;
    const left = h("span", { "aria-hidden": "true" });
    const undo = button(words.say("undo"), () => this.#undo(decided.review_id), { part: "button undo", "data-undo": true });
    const trouble = h("p", { class: "problem", role: "alert" });
    const line = h("div", { class: "decided", part: "decided" }, h("p", {}, h("strong", { role: "status" }, words.say(name) + by), " ", left), undo);
    const text = decided.final && h("details", {}, h("summary", {}, words.say("decidedText")), reading(decided.final));
    this.decidedTrouble = trouble;
    this.#put(this.#card(line, trouble, why && h("p", { class: "text", dir: "auto" }, why), text));
    this.#countDown(decided.undo_seconds, left, undo);
  }

  #countDown(seconds, left, undo) {
    const end = performance.now() + seconds * 1000;
    const tick = () => {
      const rest = Math.ceil((end - performance.now()) / 1000);
      left.textContent = rest > 0 ? this.words.say("takesEffect", { n: rest }) : this.words.say("inEffect");
      if (rest > 0) return;
      clearInterval(this.#countdown);
      undo.remove();
      if (seconds > 0) this.#settled();
    };
    this.#countdown = setInterval(tick, 250);
    tick();
  }

  #settled() {
    const { review_id: reviewId, decision } = this.page.decided;
    this.tell("settled", { decision, reviewId });
    this.editor = null;
  }

  #decide(kind, fields) {
    if (this.#pending) return;
    this.#pending = { kind, ...fields };
    this.watch.event();
    this.watch.stop();
    Object.assign(this.#pending, this.watch.figures());
    this.editor.locked = true;
    this.editor.say("");
    this.#sendDecision();
  }

  async #sendDecision() {
    this.#wait(null);
    const sent = this.#pending;
    try {
      const page = await this.link.post("decide", sent);
      this.#decisionTaken(page);
    } catch (error) {
      if (isTemporary(error)) this.#sendLater();
      else if (error.code === "conflict.reviewed" && this.#failures) this.#lookForDecision(error);
      else this.#decisionRefused(error);
    }
  }

  #decisionTaken(page) {
    this.#pending = null;
    this.#failures = 0;
    this.editor.locked = false;
    this.#show(page);
    this.place.querySelector("[data-undo]")?.focus();
    const { decision, review_id: reviewId, effective_at: effectiveAt } = page.decided;
    this.tell("decided", { decision, reviewId, effectiveAt });
  }

  /** An answer was lost before: perhaps it was this very decision that was stored. */
  async #lookForDecision(error) {
    const page = await this.link.post("open").catch(() => null);
    if (page?.decided?.mine) this.#decisionTaken(page);
    else this.#decisionRefused(error);
  }

  #sendLater() {
    const { words } = this;
    this.#failures++;
    this.#wait(() => this.#sendDecision(), this.#retryPause());
    this.editor.say(words.say("notSent"), button(words.say("again"), () => this.#sendDecision()), button(words.say("cancel"), () => this.#decisionRefused(null)));
  }

  #decisionRefused(error) {
    this.#pending = null;
    this.#failures = 0;
    this.#wait(null);
    this.editor.locked = false;
    this.watch.start();
    if (error) this.#trouble(error);
    else this.editor.say("");
  }

  async #undo(reviewId) {
    const undo = this.place.querySelector("[data-undo]");
    undo.disabled = true;
    try {
      const page = await this.link.post("undo", { review_id: reviewId });
      this.#show(page);
      this.editor?.text.focus();
      this.tell("undone", { reviewId });
    } catch (error) {
      undo.disabled = false;
      this.decidedTrouble.textContent = isTemporary(error) ? this.words.say("unreachable") : this.words.trouble(error);
      this.#tellTrouble(error);
    }
  }

  /** Sign of life of the claim, at most once a minute, while the person does something here. */
  async #renew() {
    const pause = Math.min(LONGEST_RENEWAL_PAUSE_MS, (this.page.claim_seconds * 1000) / 3 || LONGEST_RENEWAL_PAUSE_MS);
    if (Date.now() - this.#renewedAt < pause || this.#pending) return;
    this.#renewedAt = Date.now();
    try {
      this.page.claimed_until = (await this.link.post("renew")).claimed_until;
    } catch (error) {
      if (!isTemporary(error) && !this.#pending && this.page.mode === "edit") this.#trouble(error);
    }
  }

  /** Take the item again that this page had before, and go on with the text that stands here. */
  async #claimAgain() {
    try {
      const page = await this.link.post("open");
      this.#failures = 0;
      this.#wait(null);
      if (page.mode === "edit" && page.draft === this.page.draft) this.#goOn(page);
      else if (page.mode === "edit") this.#showNewDraft(page);
      else if (!this.editor.hasTyped) this.#show(page);
      else this.#trouble({ code: LOST_TO[page.mode] ?? "access.not_found" });
    } catch (error) {
      this.#trouble(error);
      if (!isTemporary(error)) return;
      this.#failures++;
      this.#wait(() => this.#claimAgain(), this.#retryPause());
    }
  }

  #goOn(page) {
    this.page = page;
    this.editor.say("");
    this.#showEditor();
  }

  /** The draft was made again in the meantime, so what was typed on the old one is not simply put over the new one. */
  #showNewDraft(page) {
    const typed = this.editor.hasTyped ? this.editor.text.value : "";
    this.editor = null;
    this.#show(page);
    if (!typed) return;
    const putBack = button(this.words.say("putBack"), () => {
      this.editor.take(typed);
      this.editor.say("");
    });
    this.editor.say(this.words.say("newDraft"), putBack);
  }

  /** Look at the item as it is now, without the text that stands here. */
  #lookAgain() {
    this.editor = null;
    this.open();
  }

  /** Something went wrong beside a text that somebody may have worked on: it stays, with what can be done. */
  #trouble(error) {
    const { words } = this;
    this.#tellTrouble(error);
    if (error.code === TOKEN_ENDED) {
      this.#resume = () => this.#claimAgain();
      this.editor.say(words.say("tokenEnded"), button(words.say("again"), () => this.#claimAgain()), this.editor.copyButton());
    } else if (error.code?.startsWith("conflict.")) {
      const again = SETTLED.has(error.code) ? button(words.say("look"), () => this.#lookAgain()) : button(words.say("claimAgain"), () => this.#claimAgain());
      this.editor.say(words.trouble(error), again, this.editor.copyButton());
    } else this.editor.say(isTemporary(error) ? words.say("unreachable") : words.trouble(error));
  }

  #notOpened(error) {
    const { words } = this;
    this.#tellTrouble(error);
    if (isTemporary(error)) {
      this.#failures++;
      this.#wait(() => this.open(), this.#retryPause());
    } else this.#resume = () => this.open();
    if (this.page && isTemporary(error)) return; // what stands there stays, and is asked for again
    const said = error.code === TOKEN_ENDED ? words.say("tokenEnded") : isTemporary(error) ? words.say("unreachable") : words.trouble(error);
    this.#put(h("div", { class: "card", part: "card" }, h("div", { class: "message is-bad", role: "alert", part: "trouble" }, h("p", {}, said), button(words.say("again"), () => this.open()))));
  }

  #tellTrouble(error) {
    if (error.code === TOKEN_ENDED) this.tell("token-ended", {});
    this.tell("trouble", { code: error.code ?? "network" });
  }

  #giveBack() {
    const { mode, claimed_until: until } = this.page ?? {};
    if (mode !== "edit" || !until) return;
    this.link.post("give-back", { claimed_until: until }, { keepalive: true }).catch(() => {}); // else the claim just ends
  }

  #retryPause() {
    return RETRY_PAUSES_MS[Math.min(this.#failures, RETRY_PAUSES_MS.length) - 1] ?? RETRY_PAUSES_MS[0];
  }

  /** Do `next` after a pause, while somebody can see the page; or nothing. One thing at a time is waited for. */
  #wait(next, pause = 0) {
    clearTimeout(this.#timer);
    this.#resume = next;
    if (!next) return;
    const due = () => {
      if (document.hidden) this.#timer = setTimeout(due, 1_000);
      else next();
    };
    this.#timer = setTimeout(due, pause);
  }

  #card(...children) {
    return h("article", { class: "card", part: "card", "aria-labelledby": "title" }, header(this.page, this.words, this.level), ...children);
  }

  #put(node) {
    if (this.place.firstChild !== node) this.place.replaceChildren(node);
  }
}

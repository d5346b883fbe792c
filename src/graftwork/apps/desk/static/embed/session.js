// One item on the page, from opening it to its decision: what to show, what to ask the server, and what to do when it
// does not answer.

import { DecidedCard, standingCard, troubleCard } from "./cards.js";
import { button, h } from "./dom.js";
import { Editor } from "./editor.js";
import { Later } from "./later.js";
import { TOKEN_ENDED, isTemporary } from "./link.js";
import { Watch } from "./watch.js";

const WRITING_PAUSE_MS = 2_000;
const HELD_PAUSE_MS = 20_000;
const LONGEST_RENEWAL_PAUSE_MS = 60_000;

// Why a person can no longer decide on what they have before them, by the mode that the item is in now.
const LOST_TO = { held: "conflict.claimed", free: "conflict.claim_lost", decided: "conflict.reviewed", view: "conflict.reviewed", writing: "conflict.not_ready" };
// Taking the item again would not help.
const SETTLED = new Set(["conflict.reviewed", "conflict.not_ready", "review.seeded"]);

export class Session {
  page = null;
  editor = null;
  #decided = null;
  #later = new Later();
  #left = false;
  #closed = false;
  #pending = null; // a decision that could not be sent yet
  #renewedAt = 0;

  /** `place` takes the nodes; `tell(name, detail)` tells the page. */
  constructor({ host, place, link, words, level, tell }) {
    Object.assign(this, { host, place, link, words, level, tell });
    this.watch = new Watch(host, () => this.#renew());
    this.online = () => this.#later.now();
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
    const page = await this.link.post("open").catch((error) => this.#notOpened(error));
    if (!page) return;
    this.#later.done();
    this.#show(page);
    if (this.#left) this.#giveBack();
  }

  /** The page has a new token: go on where the old one ended. */
  renewed() {
    this.#later.now();
  }

  /** The element or the whole page goes: the item is free for others, what was typed stays here. */
  leave() {
    this.#left = true;
    this.watch.stop();
    if (this.#pending) return; // decided is decided: it is sent all the same
    this.#later.stop();
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
    this.#closed = true;
    this.#decided?.stop();
    removeEventListener("online", this.online);
  }

  #show(page) {
    const before = this.page?.mode;
    this.page = page;
    this.#later.stop();
    this.#decided?.stop();
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

  #showStanding() {
    this.editor = null;
    this.#put(standingCard(this.page, this.words, this.level, () => this.open()));
    if (this.page.mode === "writing") this.#later.after(WRITING_PAUSE_MS, () => this.open());
    if (this.page.mode === "held") this.#later.after(HELD_PAUSE_MS, () => this.open());
  }

  #showDecided() {
    this.watch.stop();
    this.#decided = new DecidedCard(this.page, this.words, this.level, { undo: () => this.#undo(), settled: () => this.#settled() });
    this.#put(this.#decided.node);
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
    this.#later.stop();
    const page = await this.link.post("decide", this.#pending).catch((error) => {
      if (isTemporary(error)) this.#sendLater();
      else if (error.code === "conflict.reviewed" && this.#later.failures) this.#lookForDecision(error);
      else this.#decisionRefused(error);
    });
    if (page) this.#decisionTaken(page);
  }

  #decisionTaken(page) {
    this.#pending = null;
    this.#later.done();
    this.editor.locked = false;
    this.#show(page);
    this.#decided.undo.focus();
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
    this.#later.retry(() => this.#sendDecision());
    this.editor.say(words.say("notSent"), button(words.say("again"), () => this.#sendDecision()), button(words.say("cancel"), () => this.#decisionRefused(null)));
  }

  #decisionRefused(error) {
    this.#pending = null;
    this.#later.done();
    this.editor.locked = false;
    this.watch.start();
    if (error) this.#trouble(error);
    else this.editor.say("");
  }

  async #undo() {
    const { undo } = this.#decided;
    const reviewId = this.page.decided.review_id;
    undo.disabled = true;
    const page = await this.link.post("undo", { review_id: reviewId }).catch((error) => this.#notUndone(error));
    if (!page) return;
    this.#show(page);
    this.editor?.text.focus();
    this.tell("undone", { reviewId });
  }

  #notUndone(error) {
    const wasLost = this.#decided.tried && error.code === "conflict.undo_late";
    if (wasLost) this.open(); // the first try may have been the one that did it
    this.#decided.tried = true;
    this.#decided.undo.disabled = false;
    this.#decided.say(isTemporary(error) ? this.words.say("tryAgain") : this.words.trouble(error));
    this.#tellTrouble(error);
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
    const page = await this.link.post("open").catch((error) => this.#notClaimed(error));
    if (!page) return;
    this.#later.done();
    if (page.mode === "edit" && page.draft === this.page.draft) this.#goOn(page);
    else if (page.mode === "edit") this.#showNewDraft(page);
    else if (!this.editor.hasTyped) this.#show(page);
    else this.#trouble({ code: LOST_TO[page.mode] });
  }

  #notClaimed(error) {
    this.#trouble(error);
    if (isTemporary(error)) this.#later.retry(() => this.#claimAgain());
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
      this.#later.onDemand(() => this.#claimAgain());
      this.editor.say(words.say("tokenEnded"), button(words.say("again"), () => this.#claimAgain()), this.editor.copyButton());
    } else if (SETTLED.has(error.code) || error.code?.startsWith("conflict.")) {
      const again = SETTLED.has(error.code) ? button(words.say("look"), () => this.#lookAgain()) : button(words.say("claimAgain"), () => this.#claimAgain());
      this.editor.say(words.trouble(error), again, this.editor.copyButton());
    } else this.editor.say(isTemporary(error) ? words.say("unreachable") : words.trouble(error));
  }

  #notOpened(error) {
    const { words } = this;
    this.#tellTrouble(error);
    if (isTemporary(error)) {
      this.#later.retry(() => this.open());
    } else this.#later.onDemand(() => this.open());
    if (this.page && isTemporary(error)) return; // what stands there stays, and is asked for again
    const said = error.code === TOKEN_ENDED ? words.say("tokenEnded") : isTemporary(error) ? words.say("unreachable") : words.trouble(error);
    this.#put(troubleCard(said, button(words.say("again"), () => this.open())));
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

  #put(node) {
    if (!this.#closed && this.place.firstChild !== node) this.place.replaceChildren(node);
  }
}

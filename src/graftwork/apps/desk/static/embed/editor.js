// The text to decide on, with its form where it is JSON, and the three decisions. It lives as long as its draft does,
// so that nothing typed is lost while an answer is awaited or a decision is taken back.

import { button, h } from "./dom.js";
import { fieldsOf } from "./form.js";
import { changes, header, message, notices, removed, sources, statements } from "./parts.js";

const CHECK_AFTER_MS = 250;

export class Editor {
  #timer = 0;
  #asked = 0;
  #base;
  #checkedText;

  /** `calls`: `decide(kind, fields)`, `check(body)` and `edited()`. */
  constructor(page, words, level, calls) {
    Object.assign(this, { page, words, calls });
    this.trouble = h("div", { class: "message is-bad trouble", role: "alert", part: "trouble", hidden: true });
    this.text = h("textarea", {
      class: `editor${page.is_json ? " is-code" : ""}`,
      part: "editor",
      id: "final-text",
      rows: 8,
      dir: "auto",
      autocomplete: "off",
      spellcheck: page.is_json ? "false" : "true",
      "aria-describedby": "changes-status claims-said",
      oninput: () => this.#typed(),
    }, page.text);
    this.#base = this.#checkedText = this.text.value; // with the line ends of a text area
    this.claims = h("div", { class: "claims" }, ...this.#statements(page.statements));
    this.changes = h("div", { class: "diff", part: "changes" }, ...changes(page.changes, words));
    this.work = h("div", { class: "work" }, this.#approval(), this.claims, ...removed(page, words), this.#actions(), this.#rejection(), this.#escalation(), this.changes);
    this.node = h("article", { class: "card", part: "card", "aria-labelledby": "title" }, header(page, words, level), this.trouble, ...notices(page, words), this.work, ...sources(page, words));
  }

  get hasTyped() {
    return this.text.value !== this.#base || this.note.value !== "";
  }

  /** While a decision is on its way nothing of it can be changed. */
  set locked(locked) {
    this.work.inert = locked;
    this.work.ariaBusy = String(locked);
  }

  /** Say what went wrong and what can be done: `actions` are buttons. Without a text it goes. */
  say(text, ...actions) {
    this.trouble.hidden = !text;
    this.trouble.replaceChildren(...(text ? [h("p", {}, text), h("div", { class: "actions" }, ...actions)] : []));
    if (text) this.trouble.scrollIntoView({ block: "nearest" });
  }

  /** Put a text in place of the one that stands here, as if it were typed. */
  take(text) {
    this.text.value = text;
    this.text.dispatchEvent(new Event("input", { bubbles: true }));
  }

  copyButton() {
    const copy = button(this.words.say("copy"), async () => {
      try {
        await navigator.clipboard.writeText(this.text.value);
        copy.textContent = this.words.say("copied");
      } catch {
        this.text.select(); // the page's policy, or plain HTTP
        copy.textContent = this.words.say("selected");
      }
    });
    return copy;
  }

  #approval() {
    const { page, words } = this;
    const isHidden = Boolean(page.form);
    const field = h("div", { class: "field", id: "as-json", "data-closed": isHidden }, h("label", { for: "final-text" }, words.say(page.is_json ? "json" : "text")), this.text);
    const toggle = page.is_json && h("button", { type: "button", class: "small plain", "data-json-toggle": true, "aria-controls": "as-json", "aria-expanded": String(!isHidden) }, words.say("asJson"));
    return this.#form("approve", page.is_json && fieldsOf(page.form, words), toggle, field);
  }

  #actions() {
    const { words } = this;
    const opens = (kind) => button(words.say(kind), (event) => this.#toggle(kind, event.target), { part: `button ${kind}`, "aria-expanded": "false", "data-opens": kind });
    return h("div", { class: "actions", part: "actions" }, h("button", { class: "primary", form: "approve", part: "button approve" }, words.say("approve")), opens("reject"), opens("escalate"));
  }

  #rejection() {
    const { page, words } = this;
    const reasons = page.reasons.map(({ code, label }) => h("label", { class: "check" }, h("input", { type: "radio", name: "reason", value: code, required: true }), label));
    return this.#form("reject", h("fieldset", {}, h("legend", {}, words.say("rejectWhy")), ...reasons), h("button", { class: "bad" }, words.say("rejectNow")));
  }

  #escalation() {
    const { words } = this;
    this.note = h("textarea", { id: "note", name: "note", rows: 3, maxlength: 4000, required: true, dir: "auto" });
    return this.#form("escalate", h("div", { class: "field" }, h("label", { for: "note" }, words.say("escalateWhat")), this.note), h("button", {}, words.say("escalateNow")));
  }

  #form(kind, ...children) {
    const form = h("form", { id: kind, class: kind === "approve" ? "approve" : "other", hidden: kind !== "approve" }, ...children);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const fields = kind === "approve" ? { final_text: this.text.value } : Object.fromEntries(new FormData(form));
      this.calls.decide(kind, fields);
    });
    form.addEventListener("keydown", (event) => this.#keyed(event, kind, form));
    return form;
  }

  #keyed(event, kind, form) {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      form.requestSubmit();
    } else if (event.key === "Escape" && kind !== "approve") {
      event.preventDefault();
      const opener = this.work.querySelector(`[data-opens=${kind}]`);
      this.#toggle(kind, opener);
      opener.focus();
    }
  }

  #toggle(kind, opener) {
    for (const form of this.work.querySelectorAll("form.other")) form.hidden = form.id !== kind || !form.hidden;
    for (const one of this.work.querySelectorAll("[data-opens]")) one.ariaExpanded = String(!this.work.querySelector(`#${one.dataset.opens}`).hidden);
    if (opener.ariaExpanded === "true") this.work.querySelector(`#${kind} :is(input, textarea)`).focus();
  }

  #typed() {
    this.calls.edited();
    this.changes.querySelector("#changes-status").textContent = this.words.say("comparing");
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#check(), CHECK_AFTER_MS);
  }

  async #check() {
    const asked = ++this.#asked;
    const text = this.text.value;
    const renewForm = "typed" in this.text.dataset;
    const told = await this.calls.check({ text, renew_form: renewForm }).catch(() => null);
    if (asked !== this.#asked || text !== this.text.value) return;
    this.#checkedText = told ? text : undefined;
    this.changes.replaceChildren(...(told ? changes(told.changes, this.words) : [h("p", { class: "quiet small", id: "changes-status" }, this.words.say("notCompared"))]));
    this.claims.replaceChildren(...(told ? this.#statements(told.statements) : this.#unchecked()));
    if (told && renewForm) this.#renewForm(told.form);
  }

  #statements(told) {
    return statements(told, this.words, (one) => this.#goTo(one), this.claims?.querySelector("details")?.open);
  }

  /** The verdicts that stood there were of another text. */
  #unchecked() {
    return this.page.statements ? [message("is-warning", h("p", { id: "claims-said" }, this.words.say("notChecked")))] : [];
  }

  #renewForm(form) {
    delete this.text.dataset.typed;
    this.work.querySelector(".fields").replaceWith(fieldsOf(form, this.words));
  }

  #goTo({ start, end }) {
    this.text.focus();
    if (this.text.value === this.#checkedText) this.text.setSelectionRange(start, end);
  }
}

// <graftwork-draft item="…" token="…">: a draft of Graftwork to decide on, in a page of another system.
//
// One module, no build step; it brings the others that it needs from beside it. docs/how-to/embed-the-draft.md.

import { listenForFields } from "../desk/fields.js";
import { sayIn } from "../desk/messages.js";
import { h } from "./dom.js";
import { Link } from "./link.js";
import { Session } from "./session.js";
import { STYLE } from "./style.js";
import { Words } from "./words.js";

// Made by script, so that a page may forbid inline styles.
const sheet = new CSSStyleSheet();
sheet.replaceSync(STYLE);

class GraftworkDraft extends HTMLElement {
  static observedAttributes = ["item", "server", "token"];

  #token = null;
  #words = {};
  #session = null;
  #starting = false;
  #said = h("p", { class: "hidden", role: "status" });
  #place = h("div", { class: "place" });

  constructor() {
    super();
    const root = this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [sheet];
    root.append(this.#place, this.#said);
    listenForFields(this.#place);
    root.addEventListener("focusin", () => sayIn(() => this.#said));
    for (const name of ["keydown", "keypress", "keyup"]) root.addEventListener(name, keepTyping);
  }

  /** A token, or a function that gives one, or a promise of one: it is asked again when that has ended. */
  set token(token) {
    this.#token = token;
    if (this.#session) {
      this.#session.link.token = token;
      this.#session.renewed();
    } else this.#startSoon();
  }

  get token() {
    return this.#token;
  }

  /** Words of the page's own in place of ours, by name: see words.js. Set them before the item. */
  set words(words) {
    this.#words = words;
  }

  get words() {
    return this.#words;
  }

  /** The text as it stands here now. */
  get text() {
    return this.#session?.text ?? "";
  }

  /** What can be done here: writing, edit, free, held, decided or view; empty before anything is known. */
  get mode() {
    return this.#session?.page?.mode ?? "";
  }

  connectedCallback() {
    for (const name of ["token", "words"]) this.#upgrade(name);
    addEventListener("pagehide", this.#leave);
    addEventListener("pageshow", this.#comeBack);
    addEventListener("beforeunload", this.#warn);
    if (this.#session) this.#session.comeBack();
    else this.#startSoon();
  }

  disconnectedCallback() {
    removeEventListener("pagehide", this.#leave);
    removeEventListener("pageshow", this.#comeBack);
    removeEventListener("beforeunload", this.#warn);
    // A node that is only moved is back before this runs, and keeps its claim.
    setTimeout(() => this.isConnected || this.#session?.leave());
  }

  attributeChangedCallback(name, before, value) {
    if (before === value) return;
    if (name === "token") this.token = value;
    else this.#restart();
  }

  #restart() {
    this.#session?.close();
    this.#session = null;
    this.#startSoon();
  }

  /** Once all that is set together is set. */
  #startSoon() {
    if (this.#starting) return;
    this.#starting = true;
    queueMicrotask(() => {
      this.#starting = false;
      const item = this.getAttribute("item");
      if (this.isConnected && !this.#session && item && this.#token) this.#start(item);
    });
  }

  #start(item) {
    const words = new Words(this.#words);
    const server = new URL(this.getAttribute("server") || new URL("../../", import.meta.url), document.baseURI);
    if (!server.pathname.endsWith("/")) server.pathname += "/";
    const link = new Link(server, item);
    link.token = this.#token;
    this.#place.lang = words.all.lang;
    const level = this.getAttribute("heading-level") || "2";
    this.#session = new Session({ host: this, place: this.#place, link, words, level, tell: (name, detail) => this.#tell(name, { item, ...detail }) });
    this.#session.open();
  }

  /** Ids and codes only: a page that wants the text takes it from `text`, and does not pass it on by accident. */
  #tell(name, detail) {
    this.dispatchEvent(new CustomEvent(`graftwork-draft:${name}`, { bubbles: true, composed: true, detail }));
  }

  /** Properties that were set before the element was defined hide its own. */
  #upgrade(name) {
    if (!Object.hasOwn(this, name)) return;
    const value = this[name];
    delete this[name];
    this[name] = value;
  }

  #leave = () => this.#session?.leave();
  #comeBack = (event) => event.persisted && this.#session?.comeBack();
  #warn = (event) => this.#session?.hasTyped && event.preventDefault();
}

/** What is typed here is no shortcut of the page, which sees only that a key was pressed in some element. */
function keepTyping(event) {
  const [target] = event.composedPath();
  if (target.matches?.("input, select, textarea") && !event.ctrlKey && !event.metaKey && !event.altKey) event.stopPropagation();
}

if (!customElements.get("graftwork-draft")) customElements.define("graftwork-draft", GraftworkDraft);

// What stands around the text: notices, statements, changes, sources. Each is made anew from what the server told.

import { button, h } from "./dom.js";

export const message = (kind, ...children) => h("div", { class: `message ${kind}`, part: "message" }, ...children);

export function header(page, words, level) {
  const title = h("p", { class: "title", id: "title", part: "title", role: "heading", "aria-level": level, tabindex: -1, "data-heading": true }, words.say("heading", { id: page.item.external_id }));
  const desk = h("a", { href: page.desk_url, target: "_blank", rel: "noopener" }, words.say("desk"));
  return h("div", { class: "head", part: "head" }, title, h("p", { class: "quiet small" }, page.item.title, " · ", desk));
}

/** Why there is no draft, where it went, and what to know before it is sent. */
export function notices(page, words) {
  const trouble = page.trouble && message("is-bad", h("p", {}, `${page.trouble.message}.`), page.item.state === "failed" && h("p", {}, words.say("noDraft")));
  return [trouble, page.passage && h("p", { class: "quiet small passage", part: "passage" }, page.passage), ...page.notices.map((one) => notice(one, words))];
}

function notice({ word, texts }, words) {
  const [first, ...rest] = texts;
  const said = [h("strong", {}, `${word}: `), first];
  if (!rest.length) return message("is-warning", h("p", {}, ...said));
  const summary = h("summary", {}, ...said, h("span", { class: "quiet" }, ` ${words.say("more", { n: rest.length })}`));
  return message("is-warning", h("details", {}, summary, h("ul", {}, ...rest.map((text) => h("li", {}, text)))));
}

/** `goTo` is called with the statement that somebody wants to see in the text; without it they are only read. */
export function statements(told, words, goTo, wasOpen = false) {
  if (!told) return [];
  const check = goTo && told.to_check > 0 ? ` ${words.say("check")}` : "";
  const said = h("p", { class: told.to_check ? "claims-said message is-warning" : "claims-said quiet small", id: "claims-said" }, told.summary + check);
  if (!told.claims.length) return [said];
  const list = h("ul", {}, ...told.claims.map((one) => statement(one, words, goTo)));
  return [said, h("details", { class: "statements", part: "statements", open: told.to_check > 0 || wasOpen }, h("summary", {}, words.say("statements")), list)];
}

function statement(one, words, goTo) {
  const needsLook = one.support === "unsupported" || one.support === "miscited";
  const missing = one.missing.length ? `: ${one.missing.join("; ")}` : "";
  return h(
    "li",
    { class: `claim is-${one.support}` },
    h("span", { dir: "auto" }, one.text),
    one.support === "unsupported" && h("span", { class: "unsupported" }, words.say("unsupported") + missing),
    one.citing && h("span", { class: "unsupported" }, `${words.say("miscited")}: ${one.citing}`),
    one.support === "of_item" && h("span", { class: "quiet" }, ` ${words.say("ofItem")}`),
    needsLook && goTo && button(words.say("inText"), () => goTo(one), { class: "small plain" }),
    one.hidden && h("span", { class: "quiet" }, ` ${words.say("hidden")}`),
  );
}

export function changes(told, words) {
  const status = h("p", { class: "quiet small", id: "changes-status" }, told.status);
  const shown = told.fields.length ? h("dl", { class: "pairs" }, ...told.fields.map((one) => fieldChange(one, words))) : told.edits.length ? changedText(told.edits, words) : null;
  return shown ? [status, h("details", { class: "changes", open: true }, h("summary", {}, words.say("changes")), shown)] : [status];
}

function changedText(edits, words) {
  const tags = { insert: "ins", delete: "del" };
  return h("div", { class: "text boxed", dir: "auto" }, ...edits.map(({ operation, text }) => (operation in tags ? marked(tags[operation], text, words) : text)));
}

function fieldChange({ name, before, after }, words) {
  const values = [before !== null && marked("del", before, words), " ", after !== null && marked("ins", after, words)];
  return h("div", {}, h("dt", {}, name), h("dd", {}, ...values));
}

const marked = (tag, text, words) => h(tag, {}, h("span", { class: "hidden" }, `${words.say(tag === "ins" ? "inserted" : "deleted")} `), text);

export function sources(page, words) {
  if (!page.sources.length) return page.is_grounded ? [] : [h("p", { class: "quiet small" }, words.say("noSources"))];
  const list = h("ol", { class: "excerpts" }, ...page.sources.map(source));
  return [h("details", { class: "sources", part: "sources" }, h("summary", {}, `${words.say("sources")} (${page.sources.length})`), list)];
}

function source({ number, title, place, link, pieces }) {
  const name = link ? h("a", { href: link, target: "_blank", rel: "noopener" }, title) : title;
  const text = h("div", { class: "text", dir: "auto" }, ...pieces.map((piece) => (piece.lit ? h("mark", {}, piece.text) : piece.text)));
  return h("li", { class: "excerpt", value: number }, h("p", {}, h("strong", {}, `[${number}] `, name)), place && h("p", { class: "quiet small" }, place), pieces.length > 0 && text);
}

export function removed(page, words) {
  if (!page.removed.length) return [];
  return [h("details", {}, h("summary", {}, `${words.say("removed")} (${page.removed.length})`), h("ul", {}, ...page.removed.map((text) => h("li", { dir: "auto" }, text))))];
}

/** A text that can only be read. */
export const reading = (text) => h("div", { class: "text boxed", part: "text", dir: "auto" }, text);

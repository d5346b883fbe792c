// The form of a JSON draft, as nodes. It is the desk's form (templates/desk/_field.html), and the desk's fields.js works it.

import { h } from "./dom.js";

/** The place of the form; with `form` null it says why there is none. */
export function fieldsOf(form, words) {
  if (!form) return h("div", { class: "fields" }, h("p", { class: "message is-warning" }, words.say("noForm")));
  const place = h("div", { class: "fields", part: "form", "data-fields": true, "data-kind": "object", "data-json": form.json, "data-rest": form.rest });
  place.append(...form.children.map(part));
  return place;
}

function part(node) {
  if (node.kind === "object") return group(node, node.children.map(part), { "data-rest": node.rest });
  if (node.kind === "array") return list(node);
  return leaf(node);
}

function group(node, children, attributes) {
  const legend = h("legend", {}, node.label, ...numberOf(node));
  return h("fieldset", { class: "group", "data-kind": node.kind, "data-key": node.key, "data-json": node.json, ...attributes }, legend, ...children);
}

function list(node) {
  const template = h("template");
  template.content.append(element(node.blank));
  const add = h("button", { type: "button", class: "small", "data-add": true }, "Add", h("span", { class: "hidden" }, ` to ${node.label}`));
  return group(node, [h("div", { class: "elements" }, ...node.children.map(element)), template, add], {});
}

function element(node) {
  const about = h("span", { class: "hidden" }, ` ${node.label} `, ...numberOf(node));
  return h("div", { class: "element" }, part(node), h("button", { type: "button", class: "small plain", "data-remove": true }, "Remove", about));
}

function leaf(node) {
  const id = `value${node.path.split(/\s+/).join("_")}`;
  const isMissing = node.reason && !node.text;
  const said = saidOf(node, `said-${id}`);
  return h(
    "div",
    {
      class: `leaf${isMissing ? " is-missing" : ""}`,
      "data-kind": "leaf",
      "data-type": node.kind,
      "data-key": node.key,
      "data-json": node.json,
      "data-empty": node.empty,
      "data-whole": node.whole,
    },
    h("label", { for: id }, node.label, ...numberOf(node)),
    control(node, { id, "aria-describedby": said && `said-${id}` }),
    said,
  );
}

function control(node, attributes) {
  if (node.kind === "choice" || node.kind === "boolean") {
    const options = node.choices.map(([json, words]) => new Option(words, json, node.text === json, node.text === json));
    return h("select", attributes, new Option("–", ""), ...options);
  }
  if (node.kind === "long_text" || node.kind === "json") {
    const isCode = node.kind === "json";
    return h("textarea", { rows: 3, dir: "auto", autocomplete: "off", class: isCode && "is-code", spellcheck: isCode ? "false" : null, ...attributes }, node.text);
  }
  return h("input", {
    type: "text",
    dir: "auto",
    autocomplete: "off",
    value: node.text,
    inputmode: node.kind === "number" ? "decimal" : null,
    placeholder: node.kind === "date" ? "YYYY-MM-DD" : null,
    ...attributes,
  });
}

function saidOf(node, id) {
  if (!node.reason && !node.others.length) return null;
  const others = node.others.map(([json, words]) =>
    h("button", { type: "button", class: "small", "data-take": json }, h("span", { class: "hidden" }, "Take "), h("span", { "data-words": true }, words)),
  );
  return h(
    "div",
    { class: "said small", id },
    node.reason && h("p", { class: "reason" }, `Left empty: ${node.reason}`),
    others.length > 0 && h("p", { class: "conflict" }, "The document also says: ", ...others),
  );
}

const numberOf = (node) => (node.number === null ? [] : [" ", h("span", { "data-n": true }, node.number)]);

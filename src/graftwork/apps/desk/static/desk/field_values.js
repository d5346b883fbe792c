// What a control of the form says as JSON.

/** Whether somebody changed this control since the server made it. */
export function wasTouched(control) {
  if (!control.matches("select")) return control.value !== control.defaultValue;
  const chosen = [...control.options].find((one) => one.defaultSelected) ?? control.options[0];
  return control.value !== chosen.value;
}

/** The JSON text of one value; empty where there is nothing to write. */
export function leaf(node) {
  const control = node.querySelector("input, select, textarea");
  if (!wasTouched(control)) return node.dataset.json;
  const text = control.value.trim();
  if (text === "") return node.dataset.empty;
  switch (node.dataset.type) {
    case "choice":
    case "boolean":
      return text;
    case "number":
      return numberIn(text, "whole" in node.dataset) ?? JSON.stringify(text); // which the server then names
    case "json":
      return isJson(text) ? text : JSON.stringify(text);
    default:
      return JSON.stringify(text);
  }
}

/** Why the value will not be taken, in words; empty where it will. */
export function problemOf(node) {
  const text = node.querySelector("input, select, textarea").value.trim();
  if (text === "") return "";
  switch (node.dataset.type) {
    case "number":
      if (/^[+-]?\d{1,3}([.,]\d{3})+$/.test(text) && text.includes(",")) return "Write it without a separator of thousands: 1200 or 1.2.";
      if (numberIn(text, "whole" in node.dataset) !== null) return "";
      return "whole" in node.dataset ? "This is not a whole number." : "This is not a number.";
    case "date":
      return isDay(text) ? "" : "Write the day as YYYY-MM-DD, such as 2026-03-05.";
    case "json":
      return isJson(text) ? "" : "This is not valid JSON.";
    default:
      return "";
  }
}

/** The number that people mean, as JSON; a comma before three digits may mean either, so it means none. */
function numberIn(text, whole) {
  if (/^[+-]?\d{1,3}(,\d{3})+$/.test(text)) return null;
  const plain = text.replace(",", ".").replace(/^\+/, "");
  if (!/^-?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i.test(plain)) return null;
  if (whole) return /^-?\d+$/.test(plain) ? plain.replace(/^(-?)0+(?=\d)/, "$1") : null;
  return Number.isFinite(Number(plain)) ? JSON.stringify(Number(plain)) : null;
}

function isDay(text) {
  const day = new Date(`${text}T00:00:00Z`);
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(day.valueOf()) && day.toISOString().startsWith(text);
}

function isJson(text) {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

// What the line under the editor says while the comparison with the draft is fetched, and when it cannot be.

import { forgetStatements } from "./statements.js";

const COMPARING = "Comparing…";
const FAILED = "Changes cannot be shown right now; your text is kept.";

export function followChanges(stage) {
  stage.addEventListener("input", ({ target }) => target.matches("textarea.editor") && tell(target, COMPARING));
  for (const name of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
    stage.addEventListener(name, ({ target }) => target.matches("textarea.editor") && fail(target));
  }
}

/** The comparison and the verdicts that stand there are of an older text, so they go. */
function fail(editor) {
  editor.closest("article").querySelector(".diff .changes")?.remove();
  tell(editor, FAILED);
  forgetStatements(editor);
}

function tell(editor, text) {
  editor.closest("article").querySelector("#diff-status").textContent = text;
}

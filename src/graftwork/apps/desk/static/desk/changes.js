// What the line under the editor says while the comparison with the draft is fetched, and when it cannot be.

const COMPARING = "Comparing…";
const FAILED = "Changes cannot be shown right now; your text is kept.";

export function followChanges(stage) {
  stage.addEventListener("input", ({ target }) => target.matches("textarea.editor") && tell(target, COMPARING));
  for (const name of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
    stage.addEventListener(name, ({ target }) => target.matches("textarea.editor") && fail(target));
  }
}

/** The comparison that stands there is of an older text, so it goes. */
function fail(editor) {
  editor.closest("article").querySelector(".diff .changes")?.remove();
  tell(editor, FAILED);
}

function tell(editor, text) {
  editor.closest("article").querySelector("#diff-status").textContent = text;
}

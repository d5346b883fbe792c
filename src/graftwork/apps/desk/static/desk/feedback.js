// Feedback on the help, sent from an item without leaving it: the text that is being edited stays.

import { sendBeside } from "./beside.js";

const THANKS = "Sent. Thank you.";

export function listenForFeedback(stage) {
  stage.addEventListener("submit", (event) => {
    if (!event.target.matches("form.feedback")) return;
    event.preventDefault();
    sendBeside(event.target, "feedback", THANKS);
  });
}

// What the element says. A page may put its own words in place of any of these: `element.words = { approve: "Senden" }`.

export const ENGLISH = {
  lang: "en",
  heading: "Draft for {id}",
  desk: "Open in Graftwork",
  loading: "Fetching the draft…",
  writing: "The draft is being written…",
  held: "{holder} is working on this item. You can read the draft; it opens for you once it is free.",
  free: "Nobody is working on this item.",
  open: "Work on it",
  view: "You can read this draft, but not decide on it.",
  escalated: "This item was escalated: an owner, ops or admin settles it.",
  noDraft: "There is no draft: write the text yourself, reject, or escalate.",
  text: "Text to send",
  json: "Text to send (JSON)",
  asJson: "The same as JSON",
  noForm: "The text below is no JSON object, so there is no form for it. Mend it, and the form is here again.",
  approve: "Approve",
  reject: "Reject…",
  rejectWhy: "Why is the draft of no use?",
  rejectNow: "Reject the draft",
  escalate: "Escalate…",
  escalateWhat: "What is needed, and from whom?",
  escalateNow: "Escalate the item",
  comparing: "Comparing…",
  notCompared: "Changes cannot be shown right now; your text is kept.",
  changes: "Changes against the draft",
  inserted: "inserted:",
  deleted: "deleted:",
  statements: "Statements and what stands behind them",
  check: "Look at the marked statements before you approve.",
  notChecked: "Not checked: the text changed, and the check failed.",
  unsupported: "No support",
  miscited: "Wrong citation",
  ofItem: "From the item",
  hidden: "Behind it is a source that you may not read.",
  inText: "Go to it in the text",
  removed: "Taken out of the draft, without support",
  sources: "Sources",
  noSources: "This use case draws on no documents: check facts against your policy.",
  more: "and {n} more",
  accepted: "Approved",
  edited: "Approved, edited",
  rejected: "Rejected",
  escalatedBy: "Escalated",
  by: "by {name}",
  takesEffect: "Takes effect in {n} s.",
  inEffect: "In effect.",
  undo: "Undo",
  decidedText: "The text",
  notSent: "Not sent yet: the server cannot be reached. Your text is kept, and is sent as soon as it can be.",
  unreachable: "The server cannot be reached. Your text is kept; trying again…",
  tryAgain: "The server cannot be reached. Try again.",
  tokenEnded: "This part of the page has to be signed in again. Your text is kept.",
  notTaken: "This cannot be taken: {why}.",
  again: "Try again",
  cancel: "Do not send",
  claimAgain: "Take it again",
  look: "See how it stands",
  newDraft: "The draft was made again in the meantime. What you had typed is kept.",
  putBack: "Put my text in its place",
  copy: "Copy my text",
  copied: "Copied",
  selected: "Selected: copy it with Ctrl+C",
  "conflict.claimed": "Somebody else is working on this item now. Nothing was sent; your text is still here.",
  "conflict.claim_lost": "The item was given back in the meantime. Nothing was sent; your text is still here.",
  "conflict.reviewed": "This item has been decided already. Nothing was sent; your text is still here.",
  "conflict.not_ready": "A new draft of this item is being written. Nothing was sent; your text is still here.",
  "conflict.undo_late": "It is too late to undo: the decision is in effect.",
  "access.not_found": "This item is not there, or not for you.",
};

/** `words.say("by", { name })` is the text with its gaps filled. */
export class Words {
  constructor(own = {}) {
    this.all = { ...ENGLISH, ...own };
  }

  say(name, gaps = {}) {
    return this.all[name].replace(/\{(\w+)\}/g, (whole, gap) => String(gaps[gap] ?? whole));
  }

  /** Why something failed: in our words where there are any, else in the server's. */
  trouble(error) {
    if (Object.hasOwn(this.all, error.code ?? "")) return this.say(error.code);
    // Its next step is for programmers, who sent the text as somebody typed it.
    if (error.code === "input.request" && error.details.length) return this.say("notTaken", { why: error.details[0].reason.replaceAll("`", "") });
    const parts = [error.message, error.nextStep].map((part) => (part ?? "").trim()).filter(Boolean);
    const text = parts.map((part) => part[0].toUpperCase() + part.slice(1)).join(". ");
    return text.endsWith(".") ? text : `${text || error.name || "Error"}.`;
  }
}

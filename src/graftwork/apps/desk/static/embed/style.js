// The element's looks. Inside it nothing of the page's style applies, except what it sets on purpose: the custom
// properties --graftwork-…, the parts, the font, and light or dark by its own `color-scheme`.

export const STYLE = `
:host {
  display: block;
  color-scheme: inherit;
  --card: var(--graftwork-card, light-dark(#fff, #1c2326));
  --sunk: var(--graftwork-sunk, light-dark(#edf1f1, #171d1f));
  --ink: var(--graftwork-ink, light-dark(#1a2426, #e4eaea));
  --quiet: var(--graftwork-quiet, light-dark(#4d5b5e, #a5b2b4));
  --line: var(--graftwork-line, light-dark(#d5dddd, #333e41));
  --edge: var(--graftwork-edge, light-dark(#76868a, #7c8b8f));
  --accent: var(--graftwork-accent, light-dark(#1f5f5b, #7fcfc6));
  --on-accent: var(--graftwork-on-accent, light-dark(#fff, #0d2423));
  --tint: var(--graftwork-tint, light-dark(#e0eeec, #1f3735));
  --bad: light-dark(#9c2b20, #ffa99c);
  --bad-tint: light-dark(#fbe9e6, #3d211e);
  --warn: light-dark(#7a4b00, #f0c271);
  --warn-tint: light-dark(#fcf1da, #382b12);
  --good: light-dark(#1c6033, #8fd6a4);
  --good-tint: light-dark(#e2f3e6, #1a3322);
  --round: var(--graftwork-radius, 6px);
  --code: ui-monospace, "Cascadia Mono", "SF Mono", Menlo, Consolas, "Liberation Mono", monospace;
  container-type: inline-size;
  font-family: var(--graftwork-font, inherit);
  font-size: var(--graftwork-size, 0.9375rem);
  font-weight: 400;
  font-style: normal;
  line-height: 1.5;
  letter-spacing: normal;
  text-align: start;
  text-transform: none;
  white-space: normal;
  color: var(--ink);
  overflow-wrap: anywhere;
}
:host([theme=light]) { color-scheme: light; }
:host([theme=dark]) { color-scheme: dark; }
:host([theme=auto]) { color-scheme: light dark; }
:host([hidden]) { display: none; }
*, ::before, ::after { box-sizing: border-box; }
[hidden] { display: none !important; }
p { margin: 0; }
ul, ol { margin: 0.3em 0; padding-left: 1.4em; }
a { color: var(--accent); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; border-radius: 3px; }
.quiet { color: var(--quiet); }
.small { font-size: 0.875em; }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.card { position: relative; display: grid; grid-template-columns: minmax(0, 1fr); gap: 0.7em; padding: 1em; background: var(--card); border: 1px solid var(--line); border-radius: var(--round); }
.head { display: flex; flex-wrap: wrap; align-items: baseline; justify-content: space-between; gap: 0.1em 1em; }
.title { font-size: 1.1em; font-weight: 650; line-height: 1.25; }
.work { display: grid; grid-template-columns: minmax(0, 1fr); gap: 0.7em; }
.work[inert] { opacity: 0.6; }
.text { white-space: pre-wrap; }
.boxed { padding: 0.6em 0.8em; background: var(--sunk); border: 1px solid var(--line); border-radius: var(--round); }
.message { padding: 0.55em 0.9em; border: 1px solid var(--line); border-left: 4px solid var(--accent); border-radius: var(--round); }
.message.is-bad { border-left-color: var(--bad); background: var(--bad-tint); }
.message.is-warning { border-left-color: var(--warn); background: var(--warn-tint); }
.message.is-bad .quiet, .message.is-warning .quiet { color: var(--ink); }
.message > button { margin-top: 0.4em; }
.problem { color: var(--bad); font-size: 0.875em; }
.problem:empty { display: none; }

button, select, input, textarea { font: inherit; color: inherit; }
button { display: inline-flex; align-items: center; justify-content: center; gap: 0.5em; min-height: 2.4em; padding: 0.3em 0.9em; border: 1px solid var(--edge); border-radius: var(--round); background: var(--card); cursor: pointer; font-weight: 550; }
button:hover, [aria-expanded=true]:not(.plain) { background: var(--tint); }
button.primary { background: var(--accent); border-color: var(--accent); color: var(--on-accent); }
button.primary:hover { filter: brightness(1.12); }
button.bad { color: var(--bad); border-color: var(--bad); }
button.small { min-height: 2em; padding: 0.05em 0.7em; }
button.plain { border-color: transparent; background: none; padding-inline: 0; color: var(--accent); justify-self: start; text-decoration: underline; text-underline-offset: 2px; }
button:disabled { opacity: 0.6; cursor: default; }
.actions { display: flex; flex-wrap: wrap; gap: 0.6em; align-items: center; }
.trouble > .actions:not(:empty) { margin-top: 0.4em; }
input:not([type=radio]), select, textarea { width: 100%; min-height: 2.4em; padding: 0.3em 0.6em; border: 1px solid var(--edge); border-radius: var(--round); background: var(--card); }
input[type=radio] { inline-size: 1.15em; block-size: 1.15em; margin: 0; accent-color: var(--accent); flex: none; }
[aria-invalid=true] { border-color: var(--bad) !important; border-width: 2px !important; }
textarea { display: block; resize: vertical; line-height: 1.55; }
.editor { min-height: 9em; max-height: 60vh; field-sizing: content; }
.is-code { font-family: var(--code); font-size: 0.875em; }
label, legend { font-weight: 550; }
fieldset { border: 0; margin: 0; padding: 0; min-width: 0; }
legend { padding: 0; margin-bottom: 0.25em; }
.field > label { display: block; margin-bottom: 0.2em; }
[data-closed] { display: none; }
.check { display: flex; gap: 0.55em; align-items: center; min-height: 2em; font-weight: 400; }
.other { display: grid; gap: 0.8em; justify-items: start; padding: 0.8em; border: 1px solid var(--line); border-radius: var(--round); background: var(--sunk); }
.other > .field { width: 100%; }

summary { cursor: pointer; min-height: 1.6em; font-size: 0.875em; }
.message summary { font-size: 1em; }
.changes > :not(summary) { margin-top: 0.3em; }
ins { background: var(--good-tint); color: var(--good); text-decoration: underline 2px; text-underline-offset: 2px; }
del { background: var(--bad-tint); color: var(--bad); text-decoration: line-through 1.5px; }
mark { background: var(--warn-tint); color: inherit; border-bottom: 2px solid var(--warn); }
.pairs { display: grid; gap: 0.25em; margin: 0; }
.pairs div { display: grid; grid-template-columns: minmax(5em, 12em) minmax(0, 1fr); gap: 0.5em; }
.pairs dt { color: var(--quiet); }
.pairs dd { margin: 0; }
.claims { display: grid; gap: 0.4em; grid-template-columns: minmax(0, 1fr); }
.claims:empty { display: none; }
.statements ul, .excerpts { list-style: none; padding: 0; display: grid; gap: 0.6em; grid-template-columns: minmax(0, 1fr); }
.claim { display: grid; justify-items: start; padding-left: 0.6em; border-left: 3px solid var(--good); font-size: 0.875em; }
.claim:is(.is-unsupported, .is-miscited) { border-left-color: var(--bad); }
.claim > button { font-size: 1em; }
.claim.is-of_item { border-left-color: var(--edge); }
.unsupported { color: var(--bad); font-weight: 550; }
.excerpt { padding-left: 0.75em; border-left: 3px solid var(--line); }
.decided { display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; gap: 0.4em 1em; padding: 0.5em 0.5em 0.5em 0.9em; min-height: 3.4em; background: var(--good-tint); border: 1px solid var(--line); border-radius: var(--round); font-variant-numeric: tabular-nums; }

.fields, .group { display: grid; gap: 0.6em 0.75em; grid-template-columns: repeat(auto-fit, minmax(min(13em, 100%), 1fr)); align-items: start; }
.fields > :not(.leaf), .group > :not(.leaf), .leaf:has(textarea) { grid-column: 1 / -1; }
.fields { margin-bottom: 0.6em; }
.fields[inert] { opacity: 0.55; }
.group { padding: 0.6em 0.75em; border: 1px solid var(--line); border-radius: var(--round); }
.group > legend { padding: 0 0.3em; margin: 0; }
.elements { display: grid; gap: 0.6em; grid-template-columns: minmax(0, 1fr); }
.elements:empty { display: none; }
.element { display: grid; grid-template-columns: minmax(0, 1fr) auto; gap: 0.25em 0.5em; align-items: start; }
.element > .leaf + button { margin-top: 1.6em; }
.element > .group { background: var(--sunk); }
.group > button { justify-self: start; }
.removed { color: var(--quiet); }
.leaf { min-width: 0; }
.leaf label { display: block; margin-bottom: 0.15em; font-size: 0.875em; }
.leaf.is-missing :is(input, select) { border-style: dashed; }
.reason { color: var(--quiet); }
.conflict { color: var(--warn); }
.said button { color: var(--ink); }

@container (max-width: 32em) {
  .card { padding: 0.75em; }
  .actions > button { flex: 1 1 auto; }
  .element { grid-template-columns: minmax(0, 1fr); }
  .element > .leaf + button { margin: 0; }
  .element > button { justify-self: end; }
  .pairs div { grid-template-columns: minmax(0, 1fr); gap: 0; }
}
@media (prefers-reduced-motion: reduce) {
  *, ::before, ::after { animation: none !important; transition: none !important; scroll-behavior: auto !important; }
}
@media (forced-colors: active) {
  .claim, .message { border-left-color: CanvasText; }
}
`;

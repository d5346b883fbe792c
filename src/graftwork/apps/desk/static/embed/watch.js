// Time on task in a page that is not ours: the desk's clock, for one draft at a time.
//
// As in the desk, what the person does anywhere on the page counts, since the item is read there. Where a page shows
// several drafts, time goes to the one that was used last, so that no minute counts twice; and none passes for a draft
// that is not laid out, as in a closed tab of the page.

import { TaskClock } from "../desk/timing.js";

const EVENTS = ["keydown", "pointerdown", "pointermove", "wheel", "scroll"];
const running = new Set();
let current = null;

export class Watch {
  #clock = new TaskClock();
  #counts = false;
  #laidOut = true;

  /** `onUse` is told whenever the person did something that counts for this draft. */
  constructor(host, onUse) {
    this.host = host;
    this.onUse = onUse;
    this.sizes = new ResizeObserver(() => {
      this.#laidOut = host.getClientRects().length > 0;
      this.sync();
    });
  }

  start() {
    if (running.has(this)) return;
    if (!running.size) listen();
    running.add(this);
    current ??= this;
    this.#laidOut = this.host.getClientRects().length > 0;
    this.#counts = this.#shouldCount();
    this.#clock.show(performance.now(), this.#counts);
    this.sizes.observe(this.host);
  }

  stop() {
    if (!running.delete(this)) return;
    this.sizes.disconnect();
    this.#clock.leave(performance.now());
    this.#counts = false;
    if (current === this) turnTo([...running].at(-1) ?? null);
  }

  event() {
    if (!this.#counts) return;
    this.#clock.event(performance.now());
    this.onUse();
  }

  edit() {
    this.#clock.edit(performance.now());
    this.onUse();
  }

  figures() {
    return this.#clock.figures();
  }

  sync() {
    const counts = this.#shouldCount();
    if (counts === this.#counts) return;
    this.#counts = counts;
    if (counts) this.#clock.reveal(performance.now());
    else this.#clock.hide(performance.now());
  }

  #shouldCount() {
    return running.has(this) && current === this && this.#laidOut && !document.hidden;
  }
}

let listening = false;

function listen() {
  if (listening) return;
  listening = true;
  for (const name of EVENTS) document.addEventListener(name, happened, { passive: true, capture: true });
  document.addEventListener("visibilitychange", () => running.forEach((one) => one.sync()));
}

function happened(event) {
  const path = event.composedPath();
  const used = [...running].find((one) => path.includes(one.host));
  if (used && used !== current && event.type !== "pointermove") turnTo(used);
  current?.event();
}

function turnTo(next) {
  const before = current;
  current = next;
  before?.sync();
  next?.sync();
}

// Time on task of one item. Plain arithmetic on times in milliseconds, so that a test can wind the clock.
//
// wall: how long the item was on the stage. active: the gaps between the person's events while the page was visible,
// each counted up to a minute, so that a coffee is not work. thinking: from the first showing to the first edit.
// The same sums with half a minute and two minutes show how much that limit decides.

const LONGEST_GAPS_MS = { active_seconds_30: 30_000, active_seconds: 60_000, active_seconds_120: 120_000 };

export class TaskClock {
  #activeMs = { active_seconds_30: 0, active_seconds: 0, active_seconds_120: 0 };
  #wallMs = 0;
  #thinkingMs = null;
  #shownAt = null;
  #lastEventAt = null;

  /** The item comes on the stage, for the first time or again. */
  show(now, visible = true) {
    this.#shownAt = now;
    this.#lastEventAt = visible ? now : null;
  }

  /** The person did something. */
  event(now) {
    if (this.#shownAt === null) return;
    if (this.#lastEventAt !== null) this.#add(now - this.#lastEventAt);
    this.#lastEventAt = now;
  }

  /** The person changed the text. */
  edit(now) {
    this.event(now);
    if (this.#shownAt !== null) this.#thinkingMs ??= this.#wallMs + now - this.#shownAt;
  }

  /** The page is hidden: the gap so far counts, what follows does not. */
  hide(now) {
    if (this.#lastEventAt !== null) this.event(now);
    this.#lastEventAt = null;
  }

  /** The page is visible again. */
  reveal(now) {
    if (this.#shownAt !== null) this.#lastEventAt = now;
  }

  /** The item leaves the stage. */
  leave(now) {
    if (this.#shownAt === null) return;
    this.hide(now);
    this.#wallMs += now - this.#shownAt;
    this.#shownAt = null;
  }

  /** In seconds, as they are sent with the decision; an item that was never edited has no thinking time. */
  figures() {
    const seconds = (ms) => (ms / 1000).toFixed(3);
    const found = { wall_seconds: seconds(this.#wallMs) };
    for (const [name, ms] of Object.entries(this.#activeMs)) found[name] = seconds(ms);
    if (this.#thinkingMs !== null) found.thinking_seconds = seconds(this.#thinkingMs);
    return found;
  }

  #add(gapMs) {
    for (const [name, longest] of Object.entries(LONGEST_GAPS_MS)) this.#activeMs[name] += Math.min(gapMs, longest);
  }
}

// Doing something later: after a pause, or at once when there is reason to (a network again, a new token).

const RETRY_PAUSES_MS = [1_000, 2_000, 5_000, 10_000, 30_000];

/** One thing at a time is waited for, and none is done while nobody can see the page. */
export class Later {
  failures = 0;
  #timer = 0;
  #next = null;

  after(pause, next) {
    this.onDemand(next);
    const due = () => {
      if (document.hidden) this.#timer = setTimeout(due, 1_000);
      else next();
    };
    this.#timer = setTimeout(due, pause);
  }

  /** After a pause that grows with every failure. */
  retry(next) {
    const pause = RETRY_PAUSES_MS[Math.min(this.failures, RETRY_PAUSES_MS.length - 1)];
    this.failures++;
    this.after(pause, next);
  }

  /** Only when `now` is called. */
  onDemand(next) {
    clearTimeout(this.#timer);
    this.#next = next;
  }

  now() {
    this.#next?.();
  }

  stop() {
    this.onDemand(null);
  }

  /** What was waited for has come about. */
  done() {
    this.stop();
    this.failures = 0;
  }
}

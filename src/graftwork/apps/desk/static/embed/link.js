// Asking the server for one item, with the token of this page. No cookie goes with it, and none comes back.

const LONGEST_WAIT_MS = 30_000;
// Browsers refuse keepalive bodies over 64 kB; none of those that we send so is near.
const TEMPORARY = new Set([429, 502, 503, 504]);

export const TOKEN_ENDED = "access.embed_token";

/** The server's own words on why it did not do it. */
export class Refused extends Error {
  constructor(status, { code = "", message = "", next_step: nextStep = "", details = [] } = {}) {
    super(message);
    Object.assign(this, { status, code, nextStep, details });
  }
}

/** No answer, or half of one. */
export class Unreachable extends Error {}

/** Whether the same request may well succeed in a moment: no network, or a server that is busy or being restarted. */
export const isTemporary = (error) => error instanceof Unreachable || TEMPORARY.has(error.status);

export class Link {
  #given = "";
  #held = null;

  constructor(server, item) {
    this.base = new URL(`api/v1/embed/items/${encodeURIComponent(item)}/`, server);
  }

  /** A token, or a function that gives one (or a promise of one) and is asked again when that has ended. */
  set token(given) {
    this.#given = given;
    this.#held = null;
  }

  /** Throws `Refused`, or another error without a network. */
  async post(what, body, { keepalive = false } = {}) {
    const held = this.#hold();
    try {
      return await this.#send(what, body, await held, keepalive);
    } catch (error) {
      if (error.code !== TOKEN_ENDED || typeof this.#given !== "function") throw error;
      if (this.#held === held) this.#held = null; // else another request has fetched a new one already
      return this.#send(what, body, await this.#hold(), keepalive);
    }
  }

  #hold() {
    this.#held ??= this.#fetchToken();
    return this.#held;
  }

  async #fetchToken() {
    try {
      const token = typeof this.#given === "function" ? await this.#given() : this.#given;
      if (typeof token === "string" && token) return token;
    } catch {
      // the page's own trouble: for the person it is the same as a token that has ended
    }
    throw new Refused(401, { code: TOKEN_ENDED });
  }

  async #send(what, body, token, keepalive) {
    const { response, answer } = await this.#fetch(what, body, token, keepalive).catch(() => {
      throw new Unreachable("no answer");
    });
    if (!response.ok) throw new Refused(response.status, answer?.error);
    if (answer === null) throw new Unreachable("half an answer");
    return answer;
  }

  async #fetch(what, body, token, keepalive) {
    const response = await fetch(new URL(what, this.base), {
      method: "POST",
      mode: "cors",
      credentials: "omit",
      cache: "no-store",
      redirect: "error",
      referrerPolicy: "no-referrer",
      keepalive,
      headers: { Authorization: `Embed ${token}`, ...(body && { "Content-Type": "application/json" }) },
      body: body && JSON.stringify(body),
      signal: keepalive ? undefined : AbortSignal.timeout(LONGEST_WAIT_MS),
    });
    return { response, answer: await response.json().catch(() => null) };
  }
}

// Sending to the server, and understanding a refusal.

/** What the server answered instead: a status and a fragment (made by us, escaped) that says why. */
export class Refused extends Error {
  constructor(status, html) {
    super(`refused with ${status}`);
    this.status = status;
    this.html = html;
  }
}

// Browsers refuse keepalive bodies over 64 kB.
const MOST_KEPT_ALIVE = 60_000;

/** POST `data`; the text of the answer, or nothing where it has none. Throws `Refused`, or `TypeError` without a network. */
export async function post(url, data) {
  let response = await send(url, data);
  if (response.status === 403) {
    await refreshToken();
    response = await send(url, data);
  }
  const text = response.status === 204 ? "" : await response.text();
  if (!response.ok) throw new Refused(response.status, text);
  return text;
}

/** After a new sign-in in another tab the page's token is stale; a fresh one spares the person a reload.
 *  Throws `Refused` where nobody is signed in any more. */
export async function refreshToken() {
  const { csrfUrl } = document.body.dataset;
  const response = await fetch(csrfUrl, { headers: { "HX-Request": "true" } });
  if (!response.ok) throw new Refused(response.status, await response.text());
  const { token } = await response.json();
  document.body.dataset.csrf = token;
  document.body.setAttribute("hx-headers", JSON.stringify({ "X-CSRFToken": token }));
}

export const csrfToken = () => document.body.dataset.csrf;

function send(url, data) {
  const body = new URLSearchParams(data);
  body.delete("csrfmiddlewaretoken"); // the header is kept fresh, the field of a form is not
  return fetch(url, {
    method: "POST",
    body,
    headers: { "X-CSRFToken": csrfToken(), "HX-Request": "true" },
    keepalive: body.toString().length < MOST_KEPT_ALIVE,
  });
}

// The conversation API (web.md, "Conversation"), one method for each request.

const PATIENCE_MS = 20_000;

/** A refusal or a failure: `status` 0 when nothing answered, `problem` the server's own words. */
export class Failure extends Error {
  constructor(status, problem = {}) {
    super(problem.detail || `HTTP ${status}`);
    this.status = status;
    this.problem = problem;
  }
}

export class Client {
  constructor(origin = "", conversation = null) {
    this.origin = origin;
    this.base = `${origin}/api/conversations`;
    this.id = conversation;
    // Kept in memory only; the cookie carries the session where cookies are accepted.
    this.token = null;
  }

  async request(method, path, body, key, base = this.base) {
    const headers = { Accept: "application/json" };
    if (body) headers["Content-Type"] = "application/json";
    if (key) headers["Idempotency-Key"] = key;
    if (this.token) headers.Authorization = `Bearer ${this.token}`;
    let response;
    try {
      response = await fetch(base + path, {
        method,
        headers,
        body: body && JSON.stringify(body),
        cache: "no-store",
        // On another site, the token alone says who is asking.
        credentials: "same-origin",
        signal: AbortSignal.timeout(PATIENCE_MS),
      });
    } catch {
      throw new Failure(0);
    }
    const answer = response.status === 204 ? {} : await response.json().catch(() => ({}));
    if (!response.ok) throw new Failure(response.status, answer);
    return answer;
  }

  async start(audience) {
    const answer = await this.request("POST", "", { audience });
    this.id = answer.id;
    this.token = answer.token ?? null;
    return answer;
  }

  /** Send {text} or {choice} or {choices}; the same key twice is the same message. */
  send(payload, key) {
    return this.request("POST", `/${this.id}/messages`, payload, key);
  }

  /** Take a fact back: it is asked again where it matters. */
  change(fact, key) {
    return this.request("POST", "/assistant/modifier", { change: fact }, key, this.origin);
  }

  read() {
    return this.request("GET", `/${this.id}`);
  }

  contact(details, key) {
    return this.request("POST", `/${this.id}/contact`, details, key);
  }

  erase() {
    return this.request("DELETE", `/${this.id}`);
  }

  /** Erase while the page closes: no answer is waited for. */
  abandon() {
    if (!this.id) return;
    const headers = this.token ? { Authorization: `Bearer ${this.token}` } : {};
    fetch(`${this.base}/${this.id}`, { method: "DELETE", headers, keepalive: true }).catch(() => {});
  }

  get events() {
    return `${this.base}/${this.id}/events`;
  }
}

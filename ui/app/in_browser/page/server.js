// Talking to the server: every answer is either what was asked for, or a reason fit to be shown.
"use strict";

const KEY = "fulcrum-visit"; // in sessionStorage: survives a page that dies, and no other tab has it
const WAITS = [1, 2, 4, 8, 15, 30, 30, 60, 60, 60]; // seconds before it is tried again when the network is away

/** What the server said no to: its own sentence. */
class Refusal extends Error {}

const server = {
  key: sessionStorage.getItem(KEY) || "",
  /** Called with a sentence while the network is away, and with "" when it is back. */
  onAway: () => {},

  async open(token) {
    const { key } = await this.ask("open", { method: "POST", body: JSON.stringify({ token }) });
    this.key = key;
    sessionStorage.setItem(KEY, key);
  },

  plan() {
    return this.ask("plan", {});
  },

  say(message) {
    return this.ask("say", { method: "POST", body: JSON.stringify(message) });
  },

  /** The last word of a page that is going: nobody waits for the answer. */
  leave(message) {
    fetch("say", { method: "POST", body: JSON.stringify(message), headers: this.headers(), keepalive: true }).catch(() => {});
  },

  headers() {
    const headers = { "content-type": "application/json" };
    if (this.key) headers.authorization = `Bearer ${this.key}`;
    return headers;
  },

  async ask(path, options) {
    for (let attempt = 0; ; attempt++) {
      let answer;
      try {
        answer = await fetch(path, { ...options, headers: this.headers(), cache: "no-store" });
      } catch {
        answer = null;
      }
      if (answer && answer.status < 500) {
        this.onAway("");
        const told = await answer.json().catch(() => ({}));
        if (!answer.ok) throw new Refusal(told.reason || `The server answered with ${answer.status}.`);
        return told;
      }
      await this.away(attempt);
    }
  },

  /** Says that the server is away, and resolves when it is worth another try. */
  async away(attempt) {
    if (attempt === WAITS.length) throw new Refusal("The server can't be reached. What it has already is kept.");
    this.onAway("The server can't be reached. Nothing is lost; it is tried again.");
    await new Promise((resolve) => setTimeout(resolve, 1000 * WAITS[attempt]));
  },
};

/** A file whose content must be the one that was promised; `onBytes` is told how much came. */
async function file({ url, sha256, bytes }, onBytes) {
  const digest = btoa(String.fromCharCode(...sha256.match(/../g).map((pair) => parseInt(pair, 16))));
  const name = url.split("/").pop();
  for (let attempt = 0; ; attempt++) {
    const content = await fetch(url, { integrity: `sha256-${digest}` }).then((answer) => answer.ok && answer.arrayBuffer(), () => null);
    if (content) {
      server.onAway("");
      onBytes(bytes);
      return content;
    }
    // A file that isn't what was promised fails like a network that is away; asked without its hash it is there.
    const there = await fetch(url, { method: "HEAD", cache: "no-store" }).catch(() => null);
    if (there && there.ok) throw new Refusal(`A file came otherwise than it was promised: ${name}. Something on the way changes it.`);
    if (there && there.status < 500) throw new Refusal(`A file is missing on the server: ${name}. Have it prepared again.`);
    await server.away(attempt);
  }
}

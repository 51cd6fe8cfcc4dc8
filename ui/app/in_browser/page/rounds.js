// Runs a visit's rounds: each in a Worker of its own, in the planned order, only while the page is in front.
"use strict";

const ROUND_SECONDS = 150; // a Worker that needs longer is ended
const MEGABYTE = 1e6;

class Rounds {
  /** `tell` is called with what is done now and a share of 1; `show` with a cell and its figures. */
  constructor(plan, cells, { tell, show }) {
    Object.assign(this, { plan, cells, tell, show, stopped: false, worker: null });
    this.ended = new Set(cells.filter((cell) => cell.figures.ended).map((cell) => cell.id));
    this.done = new Map(cells.map((cell) => [cell.id, cell.figures.rounds]));
    document.addEventListener("visibilitychange", () => document.hidden && this.interrupt && this.interrupt("hidden"));
  }

  stop() {
    this.stopped = true;
    if (this.interrupt) this.interrupt("stopped");
  }

  /** Loads everything first: a download beside a clock would be measured along. */
  async load() {
    this.tell("Loading", 0);
    const files = new Map();
    for (const cell of this.cells) {
      for (const one of [...(this.plan.training ? this.plan.training.files : []), ...cell.files, ...Object.values(cell.exports).flat(), this.plan.inputs]) files.set(one.url, one);
    }
    const whole = [...files.values()].reduce((sum, one) => sum + one.bytes, 0);
    let come = 0;
    this.contents = new Map();
    for (const one of files.values()) {
      if (this.stopped) return;
      const content = await file(one, (bytes) => (come += bytes));
      if (one.name) this.contents.set(one.url, content); // the runtimes' own scripts take theirs from the browser's cache
      this.tell(`Loading: ${(come / MEGABYTE).toFixed(1)} of ${(whole / MEGABYTE).toFixed(1)} MB, unpacked`, come / whole);
    }
  }

  async run() {
    const total = this.cells.length * this.plan.rounds;
    for (let round = 0; round < this.plan.rounds; round++) {
      for (const cell of this.cells) {
        if (this.stopped) return;
        if (this.ended.has(cell.id) || this.done.get(cell.id) > round) continue;
        const before = [...this.done.values()].reduce((sum, rounds) => sum + rounds, 0);
        this.tell(`${cell.runtimeTitle}, ${cell.backendTitle}, ${cell.batch} at a time: round ${round + 1} of ${this.plan.rounds}`, before / total);
        await this.one(cell, round);
      }
    }
  }

  /** One round, from «started» to what the server keeps of it; anew if the page was hidden meanwhile. */
  async one(cell, round) {
    for (;;) {
      await inFront();
      if (this.stopped) return;
      sessionStorage.setItem("fulcrum-started", cell.id);
      await server.say({ event: "started", cell: cell.id, round });
      const found = await this.work(cell, round);
      if (found.interrupted) {
        sessionStorage.removeItem("fulcrum-started");
        if (found.interrupted === "stopped") return;
        continue;
      }
      const { side, ...failed } = found.failed || {};
      const goesOn = Boolean(side) && Object.keys(cell.exports).length > 1; // the other export, in a fresh Worker
      const message = found.report
        ? { event: "round", cell: cell.id, round, kit: this.plan.kit, runtimes: this.plan.runtimes, report: found.report }
        : { event: "end", cell: cell.id, ...failed, side: goesOn ? side : null };
      const kept = await server.say(message);
      sessionStorage.removeItem("fulcrum-started");
      this.take(cell, kept.figures[cell.id]);
      if (!goesOn) return;
    }
  }

  /** TensorFlow.js' own training: one Worker, once. */
  async train() {
    const { training } = this.plan;
    await inFront();
    if (this.stopped) return "";
    this.tell("TensorFlow.js trains the network", 1);
    sessionStorage.setItem("fulcrum-started", training.id);
    await server.say({ event: "started", cell: training.id, round: 0 });
    const absolute = (path) => new URL(path, document.baseURI).href;
    const found = await this.finished(new Worker("code/training.js"), {
      ...training, scripts: training.scripts.map(absolute), blockSeconds: this.plan.blockSeconds,
      inputs: this.contents.get(this.plan.inputs.url),
    });
    const { outcome, reason } = found.failed || { outcome: "failed", reason: "The page was hidden, or it was cancelled." };
    const message = found.report ? { event: "trained", ...found.report } : { event: "end", cell: training.id, outcome, reason };
    const kept = await server.say(message);
    sessionStorage.removeItem("fulcrum-started");
    return kept.training;
  }

  take(cell, figures) {
    for (const side of Object.keys(cell.exports)) if (!figures.playing.includes(side)) delete cell.exports[side];
    this.done.set(cell.id, figures.rounds);
    if (figures.ended) this.ended.add(cell.id);
    this.show(cell, figures);
  }

  work(cell, round) {
    return this.finished(new Worker("code/worker.js"), this.task(cell, round));
  }

  /** What a Worker made of its task, however it ends. */
  finished(worker, task) {
    return new Promise((resolve) => {
      let side = ""; // whose export it works on
      const end = (found) => {
        clearTimeout(timer);
        this.interrupt = null;
        worker.terminate();
        resolve(found);
      };
      const late = () => end({ failed: { outcome: "timed out", reason: `It was ended after ${ROUND_SECONDS} s.`, side } });
      const timer = setTimeout(late, 1000 * ROUND_SECONDS);
      this.interrupt = (why) => end({ interrupted: why });
      worker.onmessage = ({ data }) => (data.stage ? (side = data.side) : end(data));
      worker.onerror = (event) => {
        event.preventDefault();
        end({ failed: { outcome: "failed", reason: String(event.message || "The Worker ended without a reason.").slice(0, 400), side } });
      };
      worker.postMessage(task);
    });
  }

  task(cell, round) {
    const { plan } = this;
    const sides = {};
    for (const [side, files] of Object.entries(cell.exports)) {
      sides[side] = Object.fromEntries(files.map((one) => [one.name, this.contents.get(one.url)]));
    }
    const absolute = (path) => new URL(path, document.baseURI).href;
    return {
      backend: cell.backend, batch: cell.batch, sides, round, check: round === 0, orders: cell.orders[round],
      adapter: absolute(cell.adapter), base: absolute(cell.base), scripts: cell.scripts.map(absolute),
      threads: cell.backend === "wasm-threads" ? device.threads : 1,
      inputs: this.contents.get(plan.inputs.url), dtype: plan.dtype, shape: plan.shape, asked: plan.asked,
      blockSeconds: plan.blockSeconds, spoil: plan.spoil,
    };
  }
}

/** Resolves once the page can be seen: what runs behind others is slowed by the browser. */
function inFront() {
  if (!document.hidden) return Promise.resolve();
  return new Promise((resolve) => {
    const look = () => {
      if (document.hidden) return;
      document.removeEventListener("visibilitychange", look);
      resolve();
    };
    document.addEventListener("visibilitychange", look);
  });
}

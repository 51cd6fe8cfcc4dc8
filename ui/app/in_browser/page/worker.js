// One round of one cell, in a Worker of its own: a runtime that dies takes nothing along, and each round begins afresh.
//
// It gets one message, the task, and answers with messages of its own: {stage, side} while it works, and in the end
// {report} or {failed: {outcome, reason, side}}; `side` is whose export was at work, "" for both or none. All times are
// seconds. `runtime` is made by one of runtimes/*.js.
"use strict";

/** Why something can't be done here: an outcome that is no fault of the page. */
class Ended extends Error {
  constructor(outcome, reason) {
    super(reason);
    this.outcome = outcome;
  }
}
self.Ended = Ended;
let atWork = ""; // the side whose export is worked on
let company = false; // whether two exports share this Worker's memory

const seconds = () => performance.now() / 1000;
const MOST_ATTEMPTS = 6; // to find how many calls a block needs
const WARM_CALLS = 3, WARM_SECONDS = 0.15; // browsers compile anew what is called often, and it gets faster
const ROOM = 1.25; // a block that comes out too short costs the whole instance

self.onmessage = async ({ data: task }) => {
  try {
    self.postMessage({ report: await measured(task) });
  } catch (error) {
    self.postMessage({ failed: told(error) });
  }
};
self.onunhandledrejection = (event) => self.postMessage({ failed: told(event.reason) });

function told(error) {
  const reason = String((error && error.message) || error || "it gave no reason").slice(0, 400);
  if (error instanceof Ended) return { outcome: error.outcome, reason, side: atWork };
  const full = error instanceof RangeError || /out of memory|allocation failed|OOM/i.test(reason);
  // Who is built last finds the least memory, which is no fault of its own.
  return { outcome: full ? "out of memory" : "failed", reason, side: full && company ? "" : atWork };
}

/** What is done next is `side`'s alone; the page knows it too, should this Worker end without a word. */
function working(stage, side) {
  atWork = side;
  self.postMessage({ stage, side });
}

async function measured(task) {
  const begun = seconds();
  importScripts(task.adapter);
  await self.runtime.load(task);
  const load_s = seconds() - begun;
  const names = Object.keys(task.sides);
  company = names.length > 1;
  const inputs = rowsOf(task);
  const starts = {}, answers = {}, instances = [];
  let heap_bytes = 0;
  for (const orders of task.orders) {
    const sides = {};
    // Who is built first gets another place in memory: identical sides differed by 3 % as long as it was always the same.
    for (const name of (task.round + instances.length) % 2 ? [...names].reverse() : names) {
      working("building", name);
      const at = seconds();
      const built = await self.runtime.build(task.sides[name], task);
      const build_s = seconds() - at;
      await built.run(inputs.batch(0));
      starts[name] ??= { build_s, first_s: seconds() - at - build_s };
      sides[name] = { ...built, spoil: (task.spoil && task.spoil[name]) || 0 };
    }
    if (!instances.length && task.check) {
      for (const name of names) {
        working("answering", name);
        answers[name] = await answered(sides[name], inputs);
      }
    }
    instances.push(await instance(sides, orders, inputs.batch(0), task.blockSeconds));
    heap_bytes = Math.max(heap_bytes, self.runtime.heapBytes());
    for (const side of Object.values(sides)) side.dispose();
  }
  return { load_s, starts, instances, answers, heap_bytes };
}

/** The inputs as typed arrays of one batch each. */
function rowsOf({ inputs, dtype, asked, batch }) {
  const all = dtype === "int64" ? new BigInt64Array(inputs) : new Float32Array(inputs);
  const width = all.length / asked;
  return {
    count: Math.floor(asked / batch),
    batch: (number) => all.slice(number * batch * width, (number + 1) * batch * width),
  };
}

/** What a side answers to all inputs: little-endian float32 in base64, row by row. */
async function answered(side, inputs) {
  const parts = [];
  for (let number = 0; number < inputs.count; number++) parts.push(Float32Array.from(await side.run(inputs.batch(number))));
  const size = parts.reduce((sum, part) => sum + part.length, 0);
  const whole = new Float32Array(size);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  const bytes = new Uint8Array(whole.buffer);
  let text = "";
  for (let start = 0; start < bytes.length; start += 0x8000) {
    text += String.fromCharCode.apply(null, bytes.subarray(start, start + 0x8000));
  }
  return btoa(text);
}

/** Superblocks of both sides in turns, or blocks of the only one; anew with longer blocks if one was too short. */
async function instance(sides, orders, x, least) {
  const names = Object.keys(sides);
  const calls = {};
  for (const name of names) {
    working("warming up", name);
    calls[name] = await callsFor(sides[name], x, least);
  }
  working("taking turns", "");
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
    const short = {};
    const superblocks = [], blocks = {};
    for (const order of orders) {
      const wall = [];
      for (const letter of order) {
        const name = names.length === 1 ? names[0] : letter === "A" ? "pytorch" : "tensorflow";
        atWork = name;
        const took = await block(sides[name], x, calls[name]);
        atWork = "";
        if (took < least) short[name] = Math.max(short[name] || 1, least / Math.max(took, least / 10));
        wall.push(took / calls[name]);
      }
      if (names.length === 1) (blocks[names[0]] ??= []).push(...wall);
      else superblocks.push({ order, wall });
    }
    if (!Object.keys(short).length) return { superblocks, blocks, steps: { ...calls } };
    for (const [name, factor] of Object.entries(short)) calls[name] = Math.ceil(calls[name] * factor * 1.2);
  }
  throw new Ended("too noisy", "Its speed changed so much that no block came out long enough for this browser's clock.");
}

/** Calls that a block takes once a side is warm. */
async function callsFor(side, x, least) {
  const begun = seconds();
  for (let call = 0; call < WARM_CALLS || seconds() - begun < WARM_SECONDS; call++) await side.run(x);
  for (let calls = 1; ; calls *= 2) {
    const took = await block(side, x, calls);
    if (took > least / 4 || calls >= 1 << 20) return Math.max(1, Math.ceil((ROOM * least * calls) / Math.max(took, 1e-5)));
  }
}

/** Calls one after the other; the first after a switch isn't clocked. `spoil`: the share by which a self-check slows it. */
async function block(side, x, calls) {
  await side.run(x);
  const begun = seconds();
  for (let call = 0; call < calls; call++) {
    const at = side.spoil ? seconds() : 0;
    await side.run(x);
    if (side.spoil) {
      const until = seconds() + (seconds() - at) * side.spoil;
      while (seconds() < until);
    }
  }
  return seconds() - begun;
}

// The measuring page: opens the link, lets the visitor choose, runs, and shows what comes.
"use strict";

const part = (id) => document.getElementById(id);
const state = (name) => (document.body.dataset.state = name);
let plan, rounds, lock;

main().catch(refused);

async function main() {
  const token = location.hash.slice(1);
  history.replaceState(null, "", location.pathname + location.search);
  server.onAway = (text) => notice("note", text);
  if (token) {
    sessionStorage.removeItem("fulcrum-started");
    await server.open(token);
  }
  if (!server.key) throw new Refusal("This page is opened by a link of Fulcrum, or by its code. Ask for one there.");
  plan = await server.plan();
  part("lead").textContent =
    `${plan.network}: the same trained network, exported from PyTorch and from TensorFlow, runs here and is timed. ` +
    "What comes out is sent to the decision that the link is of, with the name of this browser and device, and nothing else.";
  for (const cell of plan.cells) if (plan.chosen.includes(cell.id)) row(cell, cell.figures);
  if (plan.state === "over") return finished("This was measured already, or it was closed. What was sent is kept. For more, ask for a new link.");
  await offer();
}

function refused(error) {
  part("work").hidden = part("choice").hidden = true;
  if (part("lead").textContent.startsWith("Looking")) part("lead").textContent = "";
  state("refused");
  if (rounds) server.leave({ event: "over", why: "failed" }); // else the desk waits for it
  notice("refusal", error instanceof Refusal ? error.message : `This page failed: ${error.message || error}`);
}

function notice(id, text) {
  part(id).textContent = text;
  part(id).hidden = !text;
}

// ------------------------------------------------------------------------------------------- the choice

async function offer() {
  const gpu = await device.gpu();
  const titles = new Map(plan.cells.map((cell) => [cell.runtime, cell.runtimeTitle]));
  for (const [runtime, title] of titles) {
    part("runtimes").append(element("p", title, "runtime"));
    const backends = new Map(plan.cells.filter((cell) => cell.runtime === runtime).map((cell) => [cell.backend, cell]));
    for (const [backend, cell] of backends) {
      const why = await device.cannot(backend);
      const onGpu = backend.startsWith("webg");
      const software = onGpu && device.isSoftware(gpu) ? " · played by the processor here" : "";
      option("runtimes", `${runtime}.${backend}`, cell.backendTitle, why || `${megabytes(cell.files)}${software}`, {
        checked: !why && !software, unable: why,
      });
    }
  }
  if (plan.training) {
    option("runtimes", "training", "Train with TensorFlow.js too", "Shows that it works, and how long a step takes.", {
      checked: false,
    });
  }
  for (const batch of new Set(plan.cells.map((cell) => cell.batch))) {
    option("batches", `batch.${batch}`, batch === 1 ? "One, as for one visitor" : `${batch}, a full tray`, "", { checked: true });
  }
  part("choice").addEventListener("change", cost);
  part("choice").addEventListener("submit", (event) => {
    event.preventDefault();
    start().catch(refused);
  });
  if (plan.chosen.length) for (const box of part("choice").querySelectorAll("input")) box.disabled = true;
  if (plan.chosen.length) part("start").textContent = "Go on";
  cost();
  part("choice").hidden = false;
  state("choice");
}

function option(under, name, title, more, { checked, unable = "" }) {
  const label = element("label", "", unable ? "unable" : "");
  const box = element("input", "");
  Object.assign(box, { type: "checkbox", name, checked, disabled: Boolean(unable) });
  box.dataset.unable = unable;
  const text = element("span", title);
  if (more) text.append(unable ? " " : element("br", ""), element("small", more));
  label.append(box, text);
  part(under).append(label);
}

function element(kind, text, name = "") {
  const made = document.createElement(kind);
  made.textContent = text;
  if (name) made.className = name;
  return made;
}

const packed = (files) => files.reduce((sum, one) => sum + one.packed, 0);
const megabytes = (files) => `${(packed(files) / MEGABYTE).toFixed(1)} MB`;

/** The cells that are ticked, or, of a visit that has begun, those that were. */
function wanted({ unable }) {
  if (plan.chosen.length) return plan.cells.filter((cell) => plan.chosen.includes(cell.id));
  const boxes = new Map([...part("choice").querySelectorAll("input")].map((box) => [box.name, box]));
  return plan.cells.filter((cell) => {
    const runtime = boxes.get(`${cell.runtime}.${cell.backend}`);
    const takes = unable ? runtime.checked || runtime.dataset.unable : runtime.checked;
    return takes && boxes.get(`batch.${cell.batch}`).checked;
  });
}

function cost() {
  const cells = wanted({ unable: false });
  if (nothingRuns()) {
    part("cost").textContent = "Nothing of this can run in this browser; the reasons stand above. You can send them, so that the decision knows.";
    part("start").textContent = "Send the reasons";
    part("start").disabled = !wanted({ unable: true }).length;
    return;
  }
  const files = new Map(cells.flatMap((cell) => [...cell.files, ...Object.values(cell.exports).flat()]).map((one) => [one.url, one]));
  const minutes = Math.max(1, Math.round(cells.reduce((sum, cell) => sum + secondsOf(cell), 0) / 60));
  part("cost").textContent = cells.length
    ? `Loads ${megabytes([...files.values()])} and takes about ${minutes} ${minutes === 1 ? "minute" : "minutes"}. ` +
      "The device works hard meanwhile and may get warm. Keep this page in front; it stops while it is hidden, and you can cancel."
    : "Choose at least one.";
  part("start").disabled = !cells.length;
}

/** Whether no backend of any runtime is there. */
function nothingRuns() {
  const boxes = [...part("choice").querySelectorAll("#runtimes input")].filter((box) => box.name !== "training");
  return !plan.chosen.length && boxes.every((box) => box.dataset.unable);
}

/** About what a cell takes: its blocks, a third more for warming up, and a start of each Worker. */
function secondsOf(cell) {
  const blocks = 4 * cell.orders.flat(2).length;
  return blocks * plan.blockSeconds * 1.33 + plan.rounds;
}

// ------------------------------------------------------------------------------------------- the work

async function start() {
  const resumed = plan.chosen.length > 0;
  const all = wanted({ unable: true });
  const unable = new Map([...part("choice").querySelectorAll("input")].map((box) => [box.name, box.dataset.unable]));
  part("choice").hidden = true;
  state("running");
  part("work").hidden = part("results").hidden = false;
  part("cancel").addEventListener("click", () => rounds.stop(), { once: true });
  addEventListener("pagehide", (event) => event.persisted || server.leave({ event: "over", why: "closed" }), { once: true });
  rounds = new Rounds(plan, all, { tell, show: row });
  const box = part("choice").querySelector("input[name=training]");
  const trains = plan.training && (resumed ? plan.training.chosen && !plan.training.told : box.checked);
  if (!trains) plan.training = null;
  if (!resumed) {
    const cells = all.map((cell) => cell.id);
    await server.say({ event: "begin", conditions: await device.conditions(), cells, train: Boolean(trains) });
  }
  for (const cell of all) row(cell, cell.figures);
  await endOf(all, unable);
  rounds.cells = all.filter((cell) => !rounds.ended.has(cell.id));
  lock = navigator.wakeLock ? await navigator.wakeLock.request("screen").catch(() => null) : null;
  if (rounds.cells.length || plan.training) await rounds.load();
  await rounds.run();
  if (plan.training && !rounds.stopped) trained(await rounds.train());
  const kept = await server.say({ event: "over", why: rounds.stopped ? "cancelled" : "done" });
  for (const cell of all) row(cell, kept.figures[cell.id]);
  if (lock) lock.release().catch(() => {});
  finished(rounds.stopped ? "Cancelled. What was finished is kept in Fulcrum." : "Done. The results are in Fulcrum now; this page can be closed.");
}

/** What can't run here, and what was under way when the page died, end with their reason. */
async function endOf(cells, unable) {
  const died = sessionStorage.getItem("fulcrum-started");
  sessionStorage.removeItem("fulcrum-started");
  if (died && plan.training && died === plan.training.id) {
    const reason = "The browser ended the page while it trained.";
    await server.say({ event: "end", cell: died, outcome: "failed", reason });
    plan.training = null;
  }
  for (const cell of cells) {
    const reason = unable.get(`${cell.runtime}.${cell.backend}`);
    const failed = cell.id === died
      ? { outcome: "failed", reason: "The browser ended the page while this ran." }
      : reason ? { outcome: "unsupported", reason } : null;
    if (failed && !rounds.ended.has(cell.id)) rounds.take(cell, (await server.say({ event: "end", cell: cell.id, ...failed })).figures[cell.id]);
  }
}

function trained(text) {
  const place = part("rows").appendChild(element("li", ""));
  place.append(element("h3", "TensorFlow.js trains the network"), element("p", text));
}

function tell(text, share) {
  part("doing").textContent = text;
  part("progress").value = share;
}

function finished(text) {
  part("work").hidden = part("choice").hidden = true;
  part("lead").textContent = text;
  part("lead").className = "notice over";
  state("over");
  server.key = "";
  sessionStorage.clear();
}

/** A cell with what is known of it; what this browser lacks stands together below. */
function row(cell, figures) {
  part("results").hidden = false;
  const id = `cell-${cell.id}`;
  if (figures.outcome === "unsupported" && !figures.rounds) {
    document.getElementById(id)?.remove();
    return lacks(figures.reason, `${cell.runtimeTitle}, ${cell.backendTitle}`);
  }
  const place = document.getElementById(id) || part("rows").appendChild(Object.assign(element("li", ""), { id }));
  const calls = cell.batch === 1 ? "1 input a call" : `${cell.batch} inputs a call`;
  place.replaceChildren(element("h3", `${cell.runtimeTitle}, ${cell.backendTitle}`), element("small", calls));
  const times = Object.entries(figures.times);
  if (times.length) {
    const list = place.appendChild(element("dl", ""));
    for (const [side, time] of times) {
      const pair = list.appendChild(element("div", ""));
      pair.append(element("dt", side), element("dd", time));
    }
  }
  if (figures.ratio) place.append(element("p", figures.ratio));
  for (const [side, end] of Object.entries(figures.sides)) place.append(element("p", `${side}'s export: ${end}`, "ended"));
  const bySides = cell.sides.every((side) => !figures.playing.includes(side));
  if (figures.ended && figures.outcome !== "ok" && !bySides) place.append(element("p", `${figures.outcome}: ${figures.reason}`, "ended"));
  if (!figures.ended) place.append(element("p", figures.rounds ? `${figures.rounds} of ${plan.rounds} rounds` : "still to come", "pending"));
}

/** A line a reason, with everything that it keeps from running. */
function lacks(reason, what) {
  const lines = [...part("lacking").children];
  const line = lines.find((one) => one.dataset.reason === reason) || part("lacking").appendChild(element("p", ""));
  line.dataset.reason = reason;
  const names = new Set(line.dataset.names ? line.dataset.names.split("; ") : []).add(what);
  line.dataset.names = [...names].join("; ");
  line.replaceChildren(element("b", reason), ` Not run: ${line.dataset.names}.`);
}

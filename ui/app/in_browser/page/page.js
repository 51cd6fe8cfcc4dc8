// The measuring page: opens the link, lets the visitor choose, runs, and shows what comes.
"use strict";

const part = (id) => document.getElementById(id);
const state = (name) => (document.body.dataset.state = name);
const MEGABYTE = 1e6;
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
  const label = element("label", "");
  const box = element("input", "");
  Object.assign(box, { type: "checkbox", name, checked, disabled: Boolean(unable) });
  box.dataset.unable = unable;
  const text = element("span", title);
  if (more) text.append(element("br", ""), element("small", more));
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
  const files = new Map(cells.flatMap((cell) => [...cell.files, ...Object.values(cell.exports).flat()]).map((one) => [one.url, one]));
  const minutes = Math.max(1, Math.round((cells.length * plan.rounds * 4) / 60));
  part("cost").textContent = cells.length
    ? `Loads ${megabytes([...files.values()])} and takes about ${minutes} ${minutes === 1 ? "minute" : "minutes"}. ` +
      "The device works hard meanwhile and may get warm. Keep this page in front; it stops while it is hidden, and you can cancel."
    : "Choose at least one.";
  part("start").disabled = !cells.length;
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
  await rounds.load();
  await rounds.run();
  if (plan.training && !rounds.stopped) trained(await rounds.train());
  await server.say({ event: "over", why: rounds.stopped ? "cancelled" : "done" });
  if (lock) lock.release().catch(() => {});
  finished(rounds.stopped ? "Cancelled. What was finished is kept, on the desk too." : "Done. The results are on the desk too; this page can be closed.");
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
  place.append(element("b", "TensorFlow.js, training, 64 at a time"), element("span", text));
}

function tell(text, share) {
  part("doing").textContent = text;
  part("progress").value = share;
}

function finished(text) {
  part("work").hidden = part("choice").hidden = true;
  part("lead").textContent = text;
  state("over");
  server.key = "";
  sessionStorage.clear();
}

function row(cell, figures) {
  part("results").hidden = false;
  const id = `cell-${cell.id}`;
  const place = document.getElementById(id) || part("rows").appendChild(Object.assign(element("li", ""), { id }));
  place.replaceChildren(element("b", `${cell.runtimeTitle}, ${cell.backendTitle}, ${cell.batch} at a time`));
  const times = Object.entries(figures.times).map(([side, time]) => `${side} ${time} a call`);
  const said = [...times, figures.ratio].filter(Boolean);
  if (figures.ended && figures.outcome !== "ok") said.push(`${figures.outcome}: ${figures.reason}`);
  else if (!figures.rounds) said.push("still to come");
  place.append(element("span", said.join("; ")));
}

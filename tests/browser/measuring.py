"""The measuring page without frameworks and without npm: made-up files, and Workers that answer as they are told."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Page, Route

from advisor import wiring
from advisor.answers import Answers
from advisor.ports import Services
from advisor.queue.kinds import KIT
from probes.in_browser import fetching, planning
from probes.in_browser.fetching import RuntimeFile, name_of
from probes.in_browser.runtimes import runtimes
from probes.in_browser.schema import Kit, KitFile, KitRequest, Visit, VisitPlan
from probes.system import folders
from scripts import driving
from tests import visits

FILE: Final = b"a file"
_ISOLATED: Final = {"cross-origin-embedder-policy": "require-corp", "content-type": "text/javascript"}
#: In place of worker.js: what HOW says for the runtime and backend of a task, else a report as planned.
_WORKER: Final = """
const HOW = %s, ANSWERS = %s;
self.onmessage = ({ data: task }) => {
  const runtime = task.base.split("/").at(-2);
  const { times, fails, throws, hangs } = { times: {}, ...HOW[`${runtime}.${task.backend}`] };
  const names = Object.keys(task.sides);
  for (const side of names) {
    self.postMessage({ stage: "building", side });
    if (throws === side) throw new Error("the runtime is broken");
    if (fails && fails.side === side) return self.postMessage({ failed: fails });
  }
  self.postMessage({ stage: "taking turns", side: "" });
  if (hangs) return;
  const time = (name) => (times[name] || 0.002) * (task.round < 4 ? 1 : times.later || 1);
  const steps = Object.fromEntries(names.map((name) => [name, Math.ceil((1.01 * task.blockSeconds) / time(name))]));
  const instances = task.orders.map((orders) => {
    const told = { superblocks: [], blocks: {}, steps };
    for (const order of orders) {
      const wall = [...order].map((letter) => time(letter === "A" ? "pytorch" : "tensorflow"));
      if (names.length > 1) told.superblocks.push({ order, wall });
      else (told.blocks[names[0]] ??= []).push(...Array(4).fill(time(names[0])));
    }
    return told;
  });
  const starts = Object.fromEntries(names.map((name) => [name, { build_s: 0.01, first_s: 0.01 }]));
  const answers = task.check ? Object.fromEntries(names.map((name) => [name, ANSWERS])) : {};
  self.postMessage({ report: { load_s: 0.01, starts, instances, answers, heap_bytes: 0 } });
};
"""


@dataclass(frozen=True)
class Measuring:
    """An app that hands out made-up files, and its parts."""

    address: str
    services: Services
    cache: Path

    def decision(self) -> dict[str, str]:
        """The query of an owner's link."""
        record = self.services.store.create_decision(Answers())
        return {"decision": record.id, "edit": record.edit_key}

    def link(self, decision: str, seed: int = 1) -> str:
        """Of a visit with blocks so short that nobody waits."""
        return f"{self.address}/in-browser/#{self.services.store.invite(decision, plan(seed))[1]}"

    def visit(self, decision: str) -> Visit:
        """The newest."""
        return self.services.store.visits(decision)[0].visit

    @contextmanager
    def nothing_fetched(self) -> Iterator[None]:
        """As before ``python -m probes browser``."""
        manifest = self.cache / "browser-runtimes" / fetching.digest() / fetching.MANIFEST
        away = manifest.rename(manifest.with_suffix(".away"))
        try:
            yield
        finally:
            away.rename(manifest)


@contextmanager
def served(data: Path) -> Iterator[Measuring]:
    """The real app over made-up files; the network has been exported."""
    cache = data / "cache"
    _fetched(cache / "browser-runtimes" / fetching.digest())
    folder = cache / "artefacts" / kit().folder
    for file in (kit().inputs, *(file for one in kit().exports for file in one.files)):
        (folder / file.name).parent.mkdir(parents=True, exist_ok=True)
        (folder / file.name).write_bytes(FILE)
    (folder / "manifest.json").write_text(json.dumps({"kind": "browser kit"}), encoding="utf-8")
    services = wiring.build(wiring.Settings(data_dir=data))
    job = services.store.enqueue(KIT, KitRequest())
    services.store.claim("test")
    services.store.finish(job.id, "done", result=kit())
    with driving.running_app(data, environment={folders.CACHE: str(cache)}) as address:
        yield Measuring(address, services, cache)


def kit() -> Kit:
    """``visits.kit`` with the sizes and hashes of what lies there, and labels: it can be trained."""
    made = visits.kit()
    exports = tuple(replace(one, files=tuple(_file(file.name) for file in one.files)) for one in made.exports)
    return replace(made, inputs=_file("inputs.bin"), exports=exports, labels=(0,) * 256)


def plan(seed: int = 1) -> VisitPlan:
    """Every cell, in blocks of a millisecond."""
    return replace(planning.plan(kit(), fetching.digest(), seed), block_seconds=0.001)


def workers(page: Page, how: Mapping[str, Any]) -> None:
    """Workers of the page do what ``how`` says of "RUNTIME.BACKEND"; everything else comes out as planned."""
    answers = kit().answers["pytorch"].base64
    script = _WORKER % (json.dumps(how), json.dumps(answers))

    def fulfil(route: Route) -> None:
        route.fulfill(body=script, headers=_ISOLATED)

    page.route("**/code/worker.js", fulfil)


def _file(name: str) -> KitFile:
    return KitFile(name, len(FILE), hashlib.sha256(FILE).hexdigest())


def _fetched(folder: Path) -> None:
    told: dict[str, dict[str, Any]] = {}
    for runtime in runtimes():
        (folder / runtime.id).mkdir(parents=True)
        told[runtime.id] = {}
        for path in runtime.paths:
            (folder / runtime.id / name_of(path)).write_bytes(FILE)
            made = RuntimeFile(name_of(path), len(FILE), len(FILE), hashlib.sha256(FILE).hexdigest())
            told[runtime.id][path] = asdict(made)
    (folder / fetching.MANIFEST).write_text(json.dumps(told), encoding="utf-8")

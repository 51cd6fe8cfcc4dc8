"""Captures the graphs of a network in children of its own; no clock is involved, but the machine is used."""

from __future__ import annotations

from collections.abc import Mapping

from probes import catalog
from probes.catalog import Probe
from probes.engine.running import core_use
from probes.engine.running.child import CancelledError, ChildError, Launcher, ProcessChild
from probes.engine.running.lock import machine_lock
from probes.engine.running.pair import Pair, PairSettings
from probes.schema import FRAMEWORKS, TITLES, Framework, Interpreter, ProbeId, RunRequest
from probes.system.scratch import scratch_folder
from probes.workloads import graphs
from probes.workloads.graphs import Graph

LIMIT = 240.0  # seconds for one side: compiling took up to 94 s under load


class BusyError(RuntimeError):
    """A run has the machine; drawing beside it would disturb what it measures."""


def graphs_of(
    model: str,
    sizes: Mapping[str, int],
    *,
    launcher: Launcher = ProcessChild,
    interpreters: Mapping[Framework, Interpreter] = catalog.NONE,
) -> dict[Framework, Graph | str]:
    """By framework the graph of ``model``, or why there is none. ``sizes`` are all of the model's, ``interpreters``
    those of sides whose children ``launcher`` starts elsewhere than in the app's own.

    Raises BusyError, and ValueError for an unknown model.
    """
    if model not in catalog.modules():
        raise ValueError(f"model: {model!r} doesn't exist; allowed: {', '.join(catalog.modules())}")
    # The compiled track says why a network can't be captured as a whole.
    probe = catalog.find(str(ProbeId(model, "inference_b1", "tuned")))
    with scratch_folder() as scratch:
        surroundings = PairSettings(
            RunRequest(device="cpu", interpreters=interpreters),
            launcher,
            scratch,
            lambda: False,
            LIMIT,
            cores=core_use.UNBOUND,
        )
        try:
            with machine_lock(waiting=lambda: None, cancelled=lambda: True):
                return _both(Pair(surroundings, FRAMEWORKS, 0, lambda _: None), probe, sizes, interpreters)
        except CancelledError:
            raise BusyError("a run is measuring on this machine: draw the graphs when it has ended") from None


def _both(
    pair: Pair, probe: Probe, sizes: Mapping[str, int], interpreters: Mapping[Framework, Interpreter]
) -> dict[Framework, Graph | str]:
    captured: dict[Framework, Graph | str] = {}
    try:
        children = pair.start()
        for framework in FRAMEWORKS:
            if reason := catalog.why_not(probe, framework, interpreters):
                captured[framework] = reason
            elif framework not in children:
                captured[framework] = pair.down[framework].reason
            else:
                try:
                    reply = children[framework].ask("graph", timeout=LIMIT, probe=probe.spec.id, seed=0, sizes=sizes)
                    captured[framework] = graphs.read(reply["graph"])
                except ChildError as error:
                    captured[framework] = error.reason
    except ChildError as error:
        return dict.fromkeys(FRAMEWORKS, f"{TITLES[error.framework]}: {error.reason}")
    finally:
        pair.close()
    return captured

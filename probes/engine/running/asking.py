"""What a round asks of the children of a pair, one probe at a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from probes.catalog import Probe
from probes.engine.judging.statistics import six
from probes.engine.running.child import Child, ChildError
from probes.engine.running.pair import Pair, PairSettings
from probes.engine.running.probe_record import ProbeRecord
from probes.engine.watching.contention import Witness
from probes.places import against, titles
from probes.results import Instance
from probes.schema import FRAMEWORKS, Framework


class Asking:
    """Asks in ``order``, gives a command ``step_limit`` seconds, and notes in the probe's record what came back."""

    def __init__(
        self,
        settings: PairSettings,
        order: Sequence[Framework],
        step_limit: float,
        seed: Callable[..., int],
        watch: Witness,
    ) -> None:
        self._with, self._order, self._step_limit, self._seed, self._watch = settings, order, step_limit, seed, watch

    def ready(self, entry: ProbeRecord, pair: Pair) -> list[Child]:
        """The children of ``pair`` that this probe can use; started if need be."""
        children = pair.start()
        for framework, report in pair.down.items():
            entry.fail(framework, report.outcome, report.reason)
        entry.notes += pair.notes
        return [children[framework] for framework in self._order if framework in entry.sound()]

    def singles(self, entry: ProbeRecord, children: Sequence[Child], number: int) -> dict[Framework, dict[str, Any]]:
        """One value of each child, kept as an instance; a side that fails doesn't take the other's value along."""
        replies, failure = self.asked(entry, children, number)
        if replies:
            details = {f: {name: six(v) for name, v in reply["details"].items()} for f, reply in replies.items()}
            single = {framework: six(reply["value"]) for framework, reply in replies.items()}
            entry.instances.append(Instance(single=single, details=details))
        if failure is not None:
            raise failure
        return replies

    def asked(
        self, entry: ProbeRecord, children: Sequence[Child], number: int, sizes: Mapping[str, int] | None = None
    ) -> tuple[dict[Framework, dict[str, Any]], ChildError | None]:
        """What each child measures once, at ``sizes`` or the run's, and the last failure, if there was one."""
        replies: dict[Framework, dict[str, Any]] = {}
        failure: ChildError | None = None
        for child in children:
            try:
                replies[child.framework] = child.ask("single", **self.arguments(entry.probe, number, sizes))
            except ChildError as error:
                failure = error
        self._watch.look()
        interpreters = self._with.request.interpreters
        called = titles(interpreters) if against(interpreters) else {side: side for side in FRAMEWORKS}
        entry.notes += [f"{called[f]}: {reply['note']}" for f, reply in replies.items() if reply["note"]]
        return replies, failure

    def arguments(self, probe: Probe, number: int, sizes: Mapping[str, int] | None = None) -> dict[str, Any]:
        """Of a command that measures ``probe``, for the ``number``th time in this round, at ``sizes`` or the run's."""
        return {
            "timeout": self._step_limit,
            "probe": probe.spec.id,
            "seed": self._seed(probe.spec.id, number),
            "sizes": sizes or probe.model.SPEC.sized(self._with.request.sizes),
        }

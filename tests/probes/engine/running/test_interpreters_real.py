"""Both sides in environments of their own that have the frameworks and what measuring needs, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from probes import catalog
from probes.catalog import find
from probes.engine.child.import_guard import OWN
from probes.engine.running import core_use, interpreters
from probes.engine.running.pair import Pair, PairSettings
from probes.schema import FRAMEWORKS, RunRequest
from tests.side_environments import linked

pytestmark = pytest.mark.framework
LIMIT = 180.0


def test_a_pair_in_interpreters_of_its_own_measures_and_sees_nothing_of_the_apps(tmp_path: Path) -> None:
    if missing := [why for side in FRAMEWORKS if (why := catalog.not_installed(side))]:
        pytest.skip("; ".join(missing))
    pythons = {
        side: interpreters.look(side, linked(tmp_path / side, (*catalog.PACKAGES[side], *OWN)), setting=side)
        for side in FRAMEWORKS
    }
    request = RunRequest(device="cpu", interpreters=interpreters.told(pythons))
    settings = PairSettings(
        request, interpreters.launcher(pythons), str(tmp_path), lambda: False, LIMIT, cores=core_use.UNBOUND
    )
    pair = Pair(settings, FRAMEWORKS, 0, lambda _: None)
    probe = find("mlp.train_step")
    asked = {"timeout": LIMIT, "probe": probe.spec.id, "seed": 0, "sizes": probe.model.SPEC.sized({})}
    try:
        children = pair.start()
        assert pair.down == {}  # what they say of themselves is what was looked at
        for child in children.values():
            child.ask("prepare", **asked)
            assert child.ask("block", timeout=LIMIT, steps=1, discard=0)["wall"] > 0
    finally:
        pair.close()
    # Nothing had to be hidden: of the app's own packages nothing can be seen from there.
    assert {side: said["hidden"] for side, said in pair.environment.items()} == dict.fromkeys(FRAMEWORKS, "nothing")

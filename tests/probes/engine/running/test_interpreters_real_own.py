"""A team's own model in two versions of one framework: as many halves as versions, one file, the same weights."""

from __future__ import annotations

from pathlib import Path

import pytest

from probes import catalog
from probes.engine.child.import_guard import OWN
from probes.engine.running import agreements, core_use, interpreters
from probes.engine.running.model_files import ModelFileError, describe
from probes.engine.running.pair import Pair, PairSettings
from probes.places import titles
from probes.schema import FRAMEWORKS, Framework, RunRequest
from tests.side_environments import linked

pytestmark = pytest.mark.framework
LIMIT = 180.0
EXAMPLES = Path(__file__).parents[4] / "examples/models"
#: A half whose weights are drawn by itself, and that a version builds otherwise.
DRIFTING = """
def inputs(rng, batch):
    return rng.standard_normal((batch, 3)).astype("float32")


def pytorch():
    import sys
    from torch import nn
    return nn.Linear(3, 2 + ("second" in sys.executable))
"""


def twice(framework: Framework, folder: Path) -> interpreters.SidePythons:
    """One framework at both places, in two environments of the same version."""
    if missing := catalog.not_installed(framework):
        pytest.skip(missing)
    packages = (*catalog.PACKAGES[framework], *OWN)
    return {
        place: interpreters.look(framework, linked(folder / name, packages), setting=name, name=name)
        for place, name in zip(FRAMEWORKS, ("first", "second"), strict=True)
    }


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_both_versions_begin_with_the_same_weights_and_agree(framework: Framework, tmp_path: Path) -> None:
    pythons = twice(framework, tmp_path)
    start, told, path = interpreters.launcher(pythons), interpreters.told(pythons), EXAMPLES / "tabular_mlp.py"
    file = describe(path, launcher=start, interpreters=told)
    assert file.sides == FRAMEWORKS
    assert len(set(file.parameters.values())) == 1
    request = RunRequest(device="cpu", model=file.id, model_file=file, interpreters=told)
    settings = PairSettings(
        request, start, str(tmp_path), lambda: False, LIMIT, cores=core_use.UNBOUND, model_path=path
    )
    pair = Pair(settings, FRAMEWORKS, 0, lambda _: None)
    asked = {"timeout": LIMIT, "probe": f"{file.id}.train_step", "seed": 7, "sizes": {}}
    try:
        children = pair.start()
        assert (pair.down, pair.not_carried) == ({}, "")
        found = agreements.asked(list(children.values()), tmp_path, asked, titles(told))
    finally:
        pair.close()
    assert found is not None
    assert found.reason == ""
    assert found.deviations["outputs"] == 0.0  # the same version on the same machine


def test_a_version_that_builds_other_weights_is_told(tmp_path: Path) -> None:
    pythons = twice("pytorch", tmp_path)
    start, told = interpreters.launcher(pythons), interpreters.told(pythons)
    path = tmp_path / "drifting.py"
    path.write_text(DRIFTING, encoding="utf-8")
    file = describe(path, launcher=start, interpreters=told)
    request = RunRequest(device="cpu", model=file.id, model_file=file, interpreters=told)
    settings = PairSettings(
        request, start, str(tmp_path), lambda: False, LIMIT, cores=core_use.UNBOUND, model_path=path
    )
    pair = Pair(settings, FRAMEWORKS, 0, lambda _: None)
    try:
        pair.start()
    finally:
        pair.close()
    assert pair.not_carried == (
        "both versions build other weights: weight is (2, 3) in the first, (3, 3) in the second"
    )


def test_a_file_without_that_frameworks_half_is_refused(tmp_path: Path) -> None:
    pythons = twice("tensorflow", tmp_path)
    path = tmp_path / "torch_only.py"
    path.write_text(DRIFTING, encoding="utf-8")
    with pytest.raises(ModelFileError, match=r"^torch_only\.py has no half for TensorFlow, of which two versions"):
        describe(path, launcher=interpreters.launcher(pythons), interpreters=interpreters.told(pythons))

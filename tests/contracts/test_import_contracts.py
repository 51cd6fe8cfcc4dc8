"""Each import contract can fail: one import more in the graph of what is there, and it is broken, and no other."""

from __future__ import annotations

from copy import deepcopy
from typing import Any, Final

import grimp
import pytest
from importlinter import api
from importlinter.contracts.forbidden import ForbiddenContract
from importlinter.contracts.independence import IndependenceContract
from importlinter.contracts.layers import LayersContract
from importlinter.domain.contract import Contract

from tests.places import ROOT

KINDS: Final[dict[str, type[Contract]]] = {
    "layers": LayersContract,
    "forbidden": ForbiddenContract,
    "independence": IndependenceContract,
}
CONFIGURATION: Final = api.read_configuration(str(ROOT / "pyproject.toml"))
CONTRACTS: Final[dict[str, dict[str, Any]]] = {one["name"]: one for one in CONFIGURATION["contracts_options"]}
#: The import that breaks the contract of that name.
BREAKING: Final = {
    "ui above advisor above probes": ("probes.multiplicity", "advisor.wording.moments"),
    "rooms of ui": ("ui.kit.page", "ui.session.cookies"),
    "rooms of advisor": ("advisor.wording.moments", "advisor.answers"),
    "rooms of probes": ("probes.system.quoting", "probes.multiplicity"),
    "rooms of the engine": ("probes.engine.child.allocator", "probes.engine.running.bisection"),
    "only wiring and adapters know the engine and the store": ("advisor.answers", "probes.models.mlp"),
    "frameworks stay in child processes": ("advisor.answers", "torch"),
    "TensorFlow without Keras": ("probes.frameworks.tensorflow_plain", "keras"),
    "probes stands alone": ("probes.multiplicity", "plotly"),
    "advisor without the web": ("advisor.answers", "streamlit"),
    "siblings stay strangers": ("probes.models.cnn", "probes.models.mlp"),
    "pages stay strangers": ("ui.views.trust.page", "ui.views.evidence.page"),
}


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    session = CONFIGURATION["session_options"]
    return grimp.build_graph(*session["root_packages"], include_external_packages=True, cache_dir=None)


def broken(graph: grimp.ImportGraph) -> list[str]:
    checks = {
        name: KINDS[options["type"]](name, CONFIGURATION["session_options"], options)
        for name, options in CONTRACTS.items()
    }
    return [name for name, contract in checks.items() if not contract.check(deepcopy(graph), verbose=False).kept]


def test_all_hold_as_it_is(graph: grimp.ImportGraph) -> None:
    assert broken(graph) == []


@pytest.mark.parametrize("name", CONTRACTS)
def test_one_import_breaks_it_alone(graph: grimp.ImportGraph, name: str) -> None:
    importer, imported = BREAKING[name]
    assert {importer, imported} <= graph.modules, "the example is of today"
    changed = deepcopy(graph)
    changed.add_import(importer=importer, imported=imported, line_number=1, line_contents="")
    assert broken(changed) == [name]


@pytest.mark.parametrize("container", [one for options in CONTRACTS.values() for one in options.get("containers", ())])
def test_a_room_that_no_layer_names_breaks_the_contract(graph: grimp.ImportGraph, container: str) -> None:
    changed = deepcopy(graph)
    changed.add_module(f"{container}.attic")
    assert [CONTRACTS[name].get("containers") for name in broken(changed)] == [[container]]

"""Every way that can run here, for real, on a small network: exported, checked, clocked.

One run serves all tests of a kind: what takes long is starting processes. That of the light ways is watched, too.
"""

from __future__ import annotations

import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from probes import records
from probes.deploy import catalog, group, run, summary
from probes.deploy.schema import RoutesRequest, RoutesRun, Way
from probes.schema import Outcome
from probes.system import folders
from tests import outgoing
from tests.processes import descendants_of_tests

SIZES = {"mlp": {"inputs": 64, "hidden1": 32, "hidden2": 16}}
LIGHT = [way for way in catalog.ways() if not way.heavy]
HEAVY = [way for way in catalog.ways() if way.heavy]


#: ``python -m probes``, and it fails if a process of its own is still there afterwards.
LEAVES_NOTHING = """
import sys
from probes.__main__ import main
from tests.processes import descendants_of_tests
code = main(sys.argv[1:])
sys.exit(code or [process.cmdline() for process in descendants_of_tests("probes.deploy.worker")] or 0)
"""


@dataclass(frozen=True)
class Seen:
    """A run where every attempt to go out was counted, and where it wrote its record."""

    watched: outgoing.Watched
    out: Path


def able(ways: list[Way]) -> tuple[str, ...]:
    """Ids of those that can run here; skips where there are none."""
    found = tuple(way.id for way in ways if not catalog.why_not(way))
    if not found:
        pytest.skip("none of these ways can run here")
    return found


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Artefacts of this module's own, so that nothing is taken from earlier runs; environments take minutes to make."""
    made = tmp_path_factory.mktemp("artefacts")
    if folders.environments().is_dir():
        (made / "environments").symlink_to(folders.environments())
    return made


@pytest.fixture(scope="module", autouse=True)
def _own_store(home: Path) -> object:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(folders.CACHE, str(home))
        yield


@pytest.fixture(scope="module")
def seen(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Seen:
    folder = tmp_path_factory.mktemp("light")
    ways = [argument for id_ in able(LIGHT) for argument in ("--way", id_)]
    sizes = [argument for name, size in SIZES["mlp"].items() for argument in ("--size", f"mlp.{name}={size}")]
    command = [sys.executable, "-c", LEAVES_NOTHING, "routes", "--model", "mlp", "--passes", "2", *sizes, *ways]
    out = folder / "out.json"
    return Seen(outgoing.watch([*command, "--out", str(out)], folder / "watched", cache=home), out)


@pytest.fixture(scope="module")
def light(seen: Seen) -> RoutesRun:
    assert seen.out.exists(), seen.watched.output[-2000:]
    return records.read_routes(seen.out)


@pytest.fixture(scope="module")
def heavy(tmp_path_factory: pytest.TempPathFactory) -> RoutesRun:
    with pytest.MonkeyPatch.context() as patch:  # a lock of its own: nobody has to wait
        patch.setattr(tempfile, "tempdir", str(tmp_path_factory.mktemp("heavy")))
        return run.run(RoutesRequest(models=("mlp",), ways=able(HEAVY), sizes=SIZES, passes=2))


def look_at(found: RoutesRun, way: Way) -> None:
    """What must be true of every way that can run."""
    if reason := catalog.why_not(way):
        pytest.skip(reason)
    (record,) = [record for record in found.records if record.way.id == way.id]
    assert record.outcome is Outcome.OK, record.reason
    figures = summary.figures(record, found)
    assert figures is not None
    assert figures.artefact_bytes > 0
    if way.elsewhere:
        assert record.played is None
        return
    assert record.played is not None
    assert figures.deviation is not None
    assert figures.agreement is not None
    assert figures.lost_accuracy is not None
    if way.form == "float32":
        assert figures.deviation < 1e-4
    assert figures.agreement > 0.9
    assert abs(figures.lost_accuracy) < 0.1
    assert {batch: len(blocks) for batch, blocks in record.played.blocks.items()} == {"1": 2, "64": 2}
    assert figures.cold_s is not None
    assert figures.cold_s > record.played.load_s + record.played.first_s > 0
    assert figures.peak_bytes is not None
    assert figures.peak_bytes > 20e6, "a Python process alone has as much"
    assert figures.runtime_bytes is not None
    assert figures.runtime_bytes > 10e6
    assert record.played.versions
    assert figures.dynamic_batch or record.played.batch_reason


@pytest.mark.framework
@pytest.mark.timeout(600)
@pytest.mark.parametrize("way", LIGHT, ids=lambda way: way.id)
def test_a_light_way(light: RoutesRun, way: Way) -> None:
    look_at(light, way)


@pytest.mark.framework
@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("way", HEAVY, ids=lambda way: way.id)
def test_a_heavy_way(heavy: RoutesRun, way: Way) -> None:
    look_at(heavy, way)


@pytest.mark.framework
def test_the_network_learned_its_task(light: RoutesRun) -> None:
    (reference,) = light.references
    assert reference.task == "handwritten digits"
    for answers in reference.answers.values():
        share = summary.accuracy(answers, reference.labels)
        assert share is not None
        assert share > 0.85


@pytest.mark.framework
def test_both_frameworks_answer_alike_before_anything_is_exported(light: RoutesRun) -> None:
    (reference,) = light.references
    assert summary.deviation(reference.answers["pytorch"], reference.answers["tensorflow"]) < 1e-4


@pytest.mark.framework
def test_forms_of_int8_are_smaller(light: RoutesRun) -> None:
    sizes = {record.way.id: record.exported.bytes for record in light.records if record.exported}
    assert sizes["tensorflow_litert.int8-static"] < sizes["tensorflow_litert"]
    assert sizes["pytorch_openvino.float16"] < sizes["pytorch_openvino"]


@pytest.mark.framework
def test_nothing_is_left_running(seen: Seen) -> None:
    assert seen.watched.code == 0, seen.watched.output[-2000:]


@pytest.mark.framework
@pytest.mark.slow
def test_nothing_is_left_running_by_the_heavy_ways(heavy: RoutesRun) -> None:
    assert heavy.records
    assert descendants_of_tests("probes.deploy.worker") == []


@pytest.mark.framework
def test_no_light_way_goes_out(seen: Seen) -> None:
    outgoing.assert_silent(seen.watched, seen.out)
    players = [line for line in seen.watched.started if line.startswith("-m probes.deploy.worker play")]
    played = able([way for way in LIGHT if not way.elsewhere])
    assert len(players) == group.PROCESSES * len(played), "each was seen by the hook"

"""The code that pages show is the code that runs, line by line."""

from __future__ import annotations

import ast
import importlib
import inspect
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from advisor.source_code import sources
from advisor.source_code.sources import Excerpt, Part
from probes import catalog
from probes.catalog import models, modules, probes_by_id
from probes.deploy import catalog as routes
from probes.schema import FRAMEWORKS
from tests.places import ROOT

NETWORKS = [entry.id for entry in sources.networks()]
MEASURES = [entry.id for entry in sources.measures()]


def every_part() -> Iterator[Part]:
    yield from map(sources.network, NETWORKS)
    yield from map(sources.measure, MEASURES)
    yield sources.methods("training")
    yield sources.methods("inference")
    yield sources.export("pytorch_onnxruntime", "tensorflow_onnxruntime")


def excerpts(part: Part) -> list[Excerpt]:
    return [*(excerpt for side in part.sides.values() for excerpt in side), *part.shared, *part.without_keras]


@pytest.mark.parametrize("part", list(every_part()), ids=lambda part: part.id)
def test_lines_are_those_of_the_file(part: Part) -> None:
    assert excerpts(part)
    for excerpt in excerpts(part):
        lines = (ROOT / excerpt.file).read_text(encoding="utf-8").splitlines()
        assert 1 <= excerpt.first <= excerpt.last <= len(lines)
        text = "\n".join(lines[excerpt.first - 1 : excerpt.last])
        assert excerpt.text == textwrap.dedent(text)
        ast.parse(excerpt.text)


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("side", FRAMEWORKS)
def test_a_networks_half_is_the_function_that_runs(name: str, side: str) -> None:
    """By Python's own reader of source, from the loaded module."""
    (shown,) = sources.network(name).sides[side]  # type: ignore[index]
    lines, first = inspect.getsourcelines(getattr(modules()[name], side))
    assert (shown.text, shown.first) == ("".join(lines).rstrip("\n"), first)
    assert shown.file == f"probes/models/{name}.py"


@pytest.mark.parametrize("measure", [entry.id for entry in sources.measures() if entry.halves])
def test_a_measures_halves_are_functions_that_run(measure: str) -> None:
    found = sources.measure(measure)
    assert set(found.sides) == set(FRAMEWORKS)
    for side, (half,) in found.sides.items():
        assert half.text.startswith(f"def {side}(")


def test_everything_that_can_be_measured_can_be_read() -> None:
    assert {model.id for model in models()} == set(NETWORKS)
    assert {probe.measure_spec.id for probe in probes_by_id().values()} == set(MEASURES)
    titles = {probe.measure_spec.id: probe.measure_spec.title for probe in probes_by_id().values()}
    assert {entry.id: entry.title for entry in sources.measures()} == titles
    assert {entry.id: (entry.title, entry.says) for entry in sources.networks()} == {
        model.id: (model.title, model.summary) for model in models()
    }
    assert NETWORKS[0] == "mlp", "the article's network first"


def test_networks_show_the_weights_the_inputs_and_the_constants_that_both_sides_use() -> None:
    shared = sources.network("mlp").shared
    assert [excerpt.name for excerpt in shared] == ["MOMENTUM, EPSILON", "weights", "floats", "inputs"]
    assert shared[0].text.startswith("# What the frameworks' defaults disagree on"), (
        "a comment belongs to what it is of"
    )
    assert "EPSILON = 1e-5" in shared[0].text


def test_a_network_without_keras_stands_beside_its_halves_and_not_among_what_both_share() -> None:
    written = {name for name, module in modules().items() if hasattr(module, "tensorflow_plain")}
    assert {"mlp", "cnn"} <= written
    shown = {name: [excerpt.name for excerpt in sources.network(name).without_keras] for name in NETWORKS}
    assert shown == {name: ["tensorflow_plain"] if name in written else [] for name in NETWORKS}


def test_a_measure_without_halves_shows_what_runs_on_both_sides() -> None:
    part = sources.measure("train_step")
    assert part.sides == {}
    own, others = part.shared[:3], part.shared[3:]
    assert [excerpt.name for excerpt in own] == ["BATCH", "prepare", "check"]
    assert {excerpt.file for excerpt in others} == {"probes/workloads/agreement.py"}, (
        "what it takes from another file of ours is read too"
    )
    assert [excerpt.name for excerpt in others] == [
        "SCHEDULED, STRICT, MASKS",
        *("trained", "one_step", "strict_step", "dropout", "_changes", "_trained_of", "_length"),
    ]


def test_halves_that_measures_share_are_found_where_they_are_written() -> None:
    part = sources.measure("pipeline_jpeg")
    assert {half.file for own in part.sides.values() for half in own} == {"probes/workloads/images.py"}
    files = [excerpt.file for excerpt in part.shared]
    assert files == sorted(files, key=list(dict.fromkeys(files)).index), "each file's lines stand together"
    assert {"measure", "folder", "passed"} <= {excerpt.name for excerpt in part.shared}


def test_the_training_loop_is_followed_from_its_step() -> None:
    part = sources.methods("training")
    names = {side: [excerpt.name.partition(".")[2] for excerpt in own] for side, own in part.sides.items()}
    for own in names.values():
        assert {"__init__", "train_on", "place"} <= set(own)
        assert "predict_on" not in own
    text = {side: "\n".join(excerpt.text for excerpt in own) for side, own in part.sides.items()}
    assert "loss.backward()" in text["pytorch"]
    assert "tape.gradient(" in text["tensorflow"], "the step is made by another method, which is shown as well"


def test_inference_is_followed_too() -> None:
    text = {
        side: "\n".join(excerpt.text for excerpt in own) for side, own in sources.methods("inference").sides.items()
    }
    assert "inference_mode()" in text["pytorch"]
    assert "training=False" in text["tensorflow"]
    assert "optimizer" not in text["pytorch"]


@pytest.mark.parametrize(
    ("read", "message"),
    [
        (lambda: sources.network("resnet"), "network: 'resnet' doesn't exist; allowed: cnn, lstm, mlp"),
        (lambda: sources.network("../contracts"), "network: '../contracts' doesn't exist"),
        (lambda: sources.network("__init__"), "network: '__init__' doesn't exist"),
        (lambda: sources.measure("mlp"), "measure: 'mlp' doesn't exist; allowed: "),
    ],
)
def test_unknown_names_give_one_clear_error(read: object, message: str) -> None:
    with pytest.raises(ValueError, match="doesn't exist") as error:
        read()  # type: ignore[operator]
    assert message in str(error.value)


def test_several_names_of_one_line_and_neighbours_are_one_excerpt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "small.py"
    file.write_text(
        "SPEC = 'told elsewhere'\n"
        "# Both\nA, B = 1, 2\nC: int = 3\n\n\n"
        "def decorated(f):\n    return f\n\n\n"
        "@decorated\ndef pytorch():\n    return A\n\n\n"
        "def tensorflow():\n    return B\n",
        encoding="utf-8",
    )
    monkeypatch.setattr(sources, "PACKAGES", tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    small = importlib.import_module("small")
    monkeypatch.setattr(catalog, "modules", lambda: {"small": small})
    part = sources.network("small")
    assert [(e.name, e.first, e.last) for e in part.shared] == [("A, B, C", 2, 4), ("decorated", 7, 8)]
    assert part.shared[0].text == "# Both\nA, B = 1, 2\nC: int = 3"
    assert (part.sides["pytorch"][0].first, part.sides["pytorch"][0].last) == (11, 13)


def test_reading_imports_no_framework() -> None:
    code = (
        "import sys; from advisor.source_code import sources; [sources.network(e.id) for e in sources.networks()]; "
        "[sources.measure(e.id) for e in sources.measures()]; sources.methods('training'); "
        "print([n for n in ('torch', 'tensorflow', 'keras', 'jax', 'onnxruntime') if n in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.strip() == "[]"


def test_every_way_out_of_a_framework_can_be_read() -> None:
    ids = {side: [entry.id for entry in sources.ways(side)] for side in FRAMEWORKS}
    assert {name for names in ids.values() for name in names} == set(routes.modules())
    for name in ids["pytorch"]:
        part = sources.export(name, "tensorflow_savedmodel")
        shown = {step for excerpt in part.sides["pytorch"] for step in excerpt.name.split(", ")}
        assert {"export", "load"} <= shown
    assert all(entry.says for side in FRAMEWORKS for entry in sources.ways(side))


def test_what_ways_use_together_is_shown_once() -> None:
    part = sources.export("pytorch_onnxruntime", "tensorflow_onnxruntime")
    places = [(excerpt.file, name) for excerpt in part.shared for name in excerpt.name.split(", ")]
    assert {"quantise", "session"} <= {name for _, name in places}
    assert len(places) == len(set(places))


def test_an_unknown_way_is_refused() -> None:
    with pytest.raises(ValueError, match="way: 'telepathy' doesn't exist; allowed: "):
        sources.export("telepathy", "tensorflow_savedmodel")

"""Code: what is shown is what runs."""

from __future__ import annotations

import pytest

from advisor.answers import Answers, Project
from advisor.knowledge.differences import differences
from advisor.knowledge.snippets import Snippet, snippets
from advisor.ports import Services
from advisor.source_code import sources
from advisor.source_code.sources import Excerpt
from probes.schema import FRAMEWORKS
from tests import fakes
from tests.ui.driving import open_page, texts
from ui.kit import components
from ui.views.code.page import rows


@pytest.fixture
def services() -> Services:
    return fakes.services()


@pytest.mark.parametrize("network", [entry.id for entry in sources.networks()])
def test_both_halves_of_each_network_stand_side_by_side(
    monkeypatch: pytest.MonkeyPatch, services: Services, network: str
) -> None:
    app = open_page(monkeypatch, services, "code")
    app.selectbox[0].select(network).run()
    assert not app.exception
    halves = [sources.network(network).sides[side][0] for side in FRAMEWORKS]
    shown = [(code.value, code.language) for code in app.code]
    assert shown == [(half.text, "python") for half in halves]
    captions = [caption.value for caption in app.caption]
    for side, half in zip(FRAMEWORKS, halves, strict=True):
        assert f"{components.glyph(side)} `{half.file}`, lines {half.first}–{half.last}" in captions
    said = texts(app)
    assert "● PyTorch" in said.replace(":violet[●]", "●")
    for difference in differences()[f"network.{network}"]:
        assert components.escape(difference.title) in said
        assert difference.pytorch in said
        assert difference.tensorflow in said


def test_the_network_follows_what_the_project_works_on(monkeypatch: pytest.MonkeyPatch, services: Services) -> None:
    assert open_page(monkeypatch, services, "code").selectbox[0].value == "mlp"
    record = services.store.create_decision(Answers(project=Project(domain="vision")))
    assert open_page(monkeypatch, services, "code", decision=record.id).selectbox[0].value == "cnn"


def test_a_network_without_keras_is_drawn_when_it_is_opened(
    monkeypatch: pytest.MonkeyPatch, services: Services
) -> None:
    app = open_page(monkeypatch, services, "code")
    assert not any("tensorflow_plain" in code.value for code in app.code)
    app.session_state["without-keras-network.mlp"] = True
    app.run()
    assert not app.exception
    assert [code.value for code in app.code[2:]] == [half.text for half in sources.network("mlp").without_keras]
    app.selectbox[0].select("lstm").run()
    assert "without Keras" not in texts(app)


@pytest.mark.parametrize(("part", "method"), [("training", "train_on"), ("inference", "predict_on")])
def test_methods_of_one_name_stand_in_one_row(
    monkeypatch: pytest.MonkeyPatch, services: Services, part: str, method: str
) -> None:
    app = open_page(monkeypatch, services, "code")
    app.segmented_control(key="code-part").set_value(part).run()
    assert not app.exception
    shown = [code.value for code in app.code]
    found = sources.methods(part)
    assert sorted(shown) == sorted(excerpt.text for side in found.sides.values() for excerpt in side)
    row = next(row for row in rows(found.sides) if row["pytorch"][-1].name.endswith(f".{method}"))
    assert row["tensorflow"][-1].name.endswith(f".{method}")
    for difference in differences()[part]:
        assert components.escape(difference.title) in texts(app)


def test_rows_go_by_name_whatever_the_order_of_the_files() -> None:
    def own(*names: str) -> list[Excerpt]:
        return [Excerpt(f"Some.{name}", "", "x.py", 1, 1) for name in names]

    found = rows({"pytorch": own("a", "b", "only"), "tensorflow": own("before", "b", "a")})
    assert [{side: [excerpt.name[5:] for excerpt in cell] for side, cell in row.items()} for row in found] == [
        {"pytorch": ["a"], "tensorflow": ["a"]},
        {"pytorch": ["b", "only"], "tensorflow": ["before", "b"]},
    ]
    assert rows({"pytorch": own("x"), "tensorflow": own("y")}) == [{"pytorch": own("x"), "tensorflow": own("y")}]


def test_a_measure_without_halves_says_that_it_is_written_once(
    monkeypatch: pytest.MonkeyPatch, services: Services
) -> None:
    app = open_page(monkeypatch, services, "code")
    app.segmented_control(key="code-part").set_value("measure").run()
    app.selectbox(key="code-measure").select("train_step").run()
    assert not app.exception
    assert "One text for both sides" in texts(app)
    assert any(code.value.startswith("def prepare(") for code in app.code)


def test_what_is_shared_is_drawn_when_it_is_opened(monkeypatch: pytest.MonkeyPatch, services: Services) -> None:
    app = open_page(monkeypatch, services, "code")
    assert not any("def weights(" in code.value for code in app.code)
    app.session_state["shared-network.mlp"] = True
    app.run()
    assert [code.value for code in app.code[2:]] == [excerpt.text for excerpt in sources.network("mlp").shared]


@pytest.mark.parametrize("snippet", snippets().entries, ids=lambda snippet: snippet.id)
def test_a_broken_snippet_opens_with_what_happens_and_what_works(
    monkeypatch: pytest.MonkeyPatch, services: Services, snippet: Snippet
) -> None:
    app = open_page(monkeypatch, services, "code")
    assert snippet.broken.code.rstrip() not in texts(app)
    app.session_state[f"snippet-{snippet.id}"] = True
    app.run()
    assert not app.exception
    assert [code.value for code in app.code[2:]] == [snippet.broken.code.rstrip(), snippet.working.code.rstrip()]
    said = texts(app)
    for word in (snippet.broken.raises, snippet.broken.warns, snippet.broken.holds):
        assert word in said


def test_the_page_names_the_versions(monkeypatch: pytest.MonkeyPatch, services: Services) -> None:
    said = texts(open_page(monkeypatch, services, "code"))
    assert snippets().versions
    for version in snippets().versions.values():
        assert components.escape(version) in said


def test_what_is_shown_can_be_measured(monkeypatch: pytest.MonkeyPatch, services: Services) -> None:
    app = open_page(monkeypatch, services, "code")
    app.segmented_control(key="code-part").set_value("measure").run()
    app.selectbox(key="code-measure").select("train_step").run()
    app.button(key="measure-measure.train_step").click().run()
    assert not app.exception
    assert app.title[0].value == "Measure both, here"


def test_who_only_reads_starts_nothing(monkeypatch: pytest.MonkeyPatch, services: Services) -> None:
    record = services.store.create_decision(Answers(), owner="0" * 64)
    app = open_page(monkeypatch, services, "code", decision=record.id)
    assert not [button for button in app.button if str(button.key).startswith("measure-")]


def test_graphs_are_captured_on_request_and_say_what_was_left(
    monkeypatch: pytest.MonkeyPatch, services: Services
) -> None:
    app = open_page(monkeypatch, services, "code")
    assert "operations captured" not in texts(app)
    app.button(key="graphs-mlp").click().run()
    assert not app.exception
    said = texts(app)
    assert "2 operations captured, **1** kernels that Inductor writes or calls." in said
    assert "Most frequent: gelu 1, linear 1." in said
    assert "not installed" in [code.value for code in app.code], "a side without a graph says why"


def test_a_run_under_way_is_not_disturbed_by_a_drawing(monkeypatch: pytest.MonkeyPatch) -> None:
    class Busy(fakes.FakeRunner):
        def graphs(self, model: str, sizes: object) -> dict[str, str]:  # type: ignore[override]
            raise RuntimeError("a run is measuring on this machine: draw the graphs when it has ended")

    app = open_page(monkeypatch, fakes.services(runner=Busy()), "code")
    app.button(key="graphs-mlp").click().run()
    assert [info.value for info in app.info if "draw the graphs when it has ended" in info.value]
    assert app.run().button(key="graphs-mlp"), "it can be asked again"


def test_two_ways_out_stand_side_by_side_and_can_be_chosen(monkeypatch: pytest.MonkeyPatch, services: Services) -> None:
    app = open_page(monkeypatch, services, "code")
    app.segmented_control(key="code-part").set_value("export").run()
    assert not app.exception
    first = sources.export("pytorch_onnxruntime", "tensorflow_onnxruntime")
    assert sorted(code.value for code in app.code) == sorted(
        excerpt.text for side in first.sides.values() for excerpt in side
    )
    app.selectbox(key="code-way-pytorch-pytorch_onnxruntime").set_value("pytorch_aotinductor").run()
    assert not app.exception
    assert any("aoti_compile_and_package" in code.value for code in app.code)

"""What a larger run shows: headings, best modes, curves, one probe in detail, downloads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from advisor.answers import Answers
from advisor.ports import Services
from advisor.records import DecisionRecord
from probes.results import Instance, Measurement, ProbeResult, Round, RunResult, SideReport
from probes.schema import FRAMEWORKS, Framework, Outcome, RunRequest, Verdict
from tests import fakes, samples
from tests.stores import OpenStore, measure
from tests.ui.driving import open_page, texts

MODES: Mapping[Framework, str] = {"pytorch": "torch.compile", "tensorflow": "XLA"}
BATCHES: Mapping[Framework, Mapping[str, float]] = {
    "pytorch": {"batch_16": 2.0**28, "batch_256": 2.0**29, "first_epoch_s": 0.25},
    "tensorflow": {"batch_16": 2.0**29, "batch_256": 2.0**30, "first_epoch_s": 0.5},
}


def compiled() -> ProbeResult:
    """The training step, both compiled: PyTorch gains, TensorFlow loses."""
    base = samples.probe_result(
        "mlp.train_step.tuned", "Training step, both compiled", ratio=(9.0, 8.0, 10.0), verdict=Verdict.PYTORCH
    )
    medians = {"pytorch": 0.0005, "tensorflow": 0.0045}
    sides = {side: replace(base.sides[side], mode=MODES[side], median=medians[side]) for side in FRAMEWORKS}
    return replace(base, measure="train_step", track="tuned", sides=sides)


def growing() -> ProbeResult:
    base = samples.probe_result(
        "mlp.memory_over_batch", "Memory over batch", ratio=(2.0, 1.9, 2.1), unit="B", samples=4
    )
    sides = {side: replace(base.sides[side], details=BATCHES[side]) for side in FRAMEWORKS}
    return replace(base, sides=sides, notes=("peaks are of the whole process",))


def larger() -> RunResult:
    base = samples.run_result()
    reports = {side: SideReport() for side in FRAMEWORKS}
    instances = (Instance(details=BATCHES), Instance(details=BATCHES))
    measured = Measurement(
        "mlp.memory_over_batch", reports, instances, agreement={"first_loss": 3.5e-6, "update": 0.0035}
    )
    return replace(
        base, results=(*base.results, compiled(), growing()), rounds=(Round(0, (measured,)), Round(1, (measured,)))
    )


@pytest.fixture
def services() -> Services:
    runner = fakes.FakeRunner(recording=larger())
    heading = {"mlp.memory_peak": "Memory", "mlp.memory_over_batch": "Memory"}
    offers = [replace(o, probe=replace(o.probe, group=heading.get(o.probe.id, "Speed"))) for o in runner.offers]
    return fakes.services(runner=replace(runner, offers=tuple({o.probe.id: o for o in offers}.values())))


def shown(monkeypatch: pytest.MonkeyPatch, services: Services, result: RunResult | None = None) -> AppTest:
    record = finished(services, result or larger())
    return open_page(monkeypatch, services, "probes", decision=record.id)


def finished(services: Services, result: RunResult) -> DecisionRecord:
    record = services.store.create_decision(Answers())
    run = measure(services.store, for_=record.id)
    assert isinstance(services.store, OpenStore)
    services.store.change(run.id, status="done", fraction=1.0, result=result)
    return record


def test_headlines_and_curves_are_drawn_and_said(monkeypatch: pytest.MonkeyPatch, services: Services) -> None:
    app = shown(monkeypatch, services)
    said = texts(app)
    assert "Each side in the best of the modes it was measured in" in said
    assert "### How it grows" in said
    assert "At 16 PyTorch is 2\\.00× leaner; at 256 PyTorch is 2\\.00× leaner" in said
    alts = [str(one.proto.alt) for one in app.get("plotly_chart")]
    assert any("each in its best mode: Training step: PyTorch 2.00× faster, eager / tf.function" in a for a in alts)
    assert any("Memory over batch: PyTorch from 256 MiB at 16" in alt for alt in alts)


def test_modes_that_were_not_measured_are_named_where_they_matter(
    monkeypatch: pytest.MonkeyPatch, services: Services
) -> None:
    assert isinstance(services.runner, fakes.FakeRunner)
    default = services.runner.offers[0]
    modes = {"pytorch": "eager, careful", "tensorflow": "tf.function, careful"}
    careful = replace(default.probe, id="mlp.train_step.careful", track="careful", modes=modes)
    runner = replace(services.runner, offers=(*services.runner.offers, replace(default, probe=careful)))
    app = shown(monkeypatch, replace(services, runner=runner), samples.run_result())
    assert "weren't measured\\: eager, careful against tf\\.function, careful\\." in texts(app)


def test_rounds_are_counted_in_words_that_fit(monkeypatch: pytest.MonkeyPatch, services: Services) -> None:
    assert "2 rounds of fresh processes" in texts(shown(monkeypatch, services))
    cut_off = replace(larger(), rounds=larger().rounds[:1])
    assert "1 round of fresh processes" in texts(shown(monkeypatch, services, cut_off))


def test_one_mode_of_each_is_no_choice(monkeypatch: pytest.MonkeyPatch, services: Services) -> None:
    said = texts(shown(monkeypatch, services, samples.run_result()))
    assert "Mode by mode" not in said
    assert "How it grows" not in said


def test_the_table_names_headings(monkeypatch: pytest.MonkeyPatch, services: Services) -> None:
    app = shown(monkeypatch, services)
    table = next(frame.value for frame in app.dataframe if "Topic" in frame.value).set_index("Probe")
    assert table.loc["Memory over batch", "Topic"] == "Memory"
    assert list(table["Topic"]) == sorted(table["Topic"], reverse=True), "Speed, then Memory, as in the catalog"
    assert table["Outcome"].nunique() > 1
    assert "Measured" not in table, "all at one time, which stands above"


def test_a_probe_is_looked_at_in_detail(monkeypatch: pytest.MonkeyPatch, services: Services) -> None:
    app = shown(monkeypatch, services)
    choice = app.selectbox(key="detail-probe")
    assert "Memory: Memory over batch" in choice.options
    choice.select("mlp.memory_over_batch").run()
    assert not app.exception
    details = next(frame.value for frame in app.dataframe if "Detail" in frame.value).set_index("Detail")
    assert list(details.loc["First epoch, ms"]) == ["250", "500"]
    assert list(details.loc["Batch 16, MiB"]) == ["256", "512"]
    said = texts(app)
    assert "first loss 3\\.5e\\-06, update 0\\.35\u00a0%" in said
    assert "peaks are of the whole process" in said


def test_how_a_training_loop_is_fed_is_said_where_it_reads_its_batches(
    monkeypatch: pytest.MonkeyPatch, services: Services
) -> None:
    assert isinstance(services.runner, fakes.FakeRunner)
    default, name = services.runner.offers[0], "mlp.train_from_jpeg.careful"
    probe = replace(default.probe, id=name, measure="train_from_jpeg", track="careful", group="Data")
    runner = replace(services.runner, offers=(*services.runner.offers, replace(default, probe=probe)))
    base = samples.probe_result(name, "Training from JPEG files")
    modes = {"pytorch": "eager, careful", "tensorflow": "tf.function, careful"}
    sides = {side: replace(base.sides[side], mode=modes[side]) for side in FRAMEWORKS}
    fed = replace(base, measure="train_from_jpeg", track="careful", sides=sides)
    app = shown(monkeypatch, replace(services, runner=runner), replace(larger(), results=(*larger().results, fed)))
    assert "How the training loop is fed" not in texts(app), "of a step whose batch is there"
    app.selectbox(key="detail-probe").select(name).run()
    said = texts(app)
    assert "How the training loop is fed" in said
    assert "PyTorch\\: Batches in pinned memory, for data loading: `DataLoader(…, pin_memory=True)" in said
    assert "Labels encoded in the pipeline" in said


def test_raw_figures_are_seen_one_by_one_when_they_are_opened(
    monkeypatch: pytest.MonkeyPatch, services: Services
) -> None:
    runner = fakes.FakeRunner.replay("quick.json")
    app = shown(monkeypatch, services, runner.recording)
    before = len(app.get("plotly_chart"))
    app.session_state["in-order"] = True
    app.run()
    assert len(app.get("plotly_chart")) == before + 1
    assert "another pair of fresh processes begins" in texts(app)


def test_a_figure_can_be_verified_by_timers_of_others(monkeypatch: pytest.MonkeyPatch, services: Services) -> None:
    app = shown(monkeypatch, services, fakes.FakeRunner.replay("quick.json").recording)
    app.session_state["verify"] = True
    app.run()
    assert not app.exception
    timed = [code.value for code in app.code if "probes.check.reproduce" in code.value]
    assert len(timed) == 5, "three timers for PyTorch, two for TensorFlow"
    assert all('case("mlp.inference_b1", ' in line for line in timed)


def test_a_larger_run_is_told_heading_by_heading(monkeypatch: pytest.MonkeyPatch, services: Services) -> None:
    said = texts(shown(monkeypatch, services))
    assert "**Speed** PyTorch is ahead in 1, TensorFlow is ahead in 1, 1 equal, 1 undecided" in said


def test_a_failed_probe_has_its_last_words_in_detail(monkeypatch: pytest.MonkeyPatch, services: Services) -> None:
    app = shown(monkeypatch, services)
    before = len(app.code)
    app.selectbox(key="detail-probe").select("mlp.time_to_accuracy").run()
    assert len(app.code) > before
    assert "No result\\: failed" in texts(app)


def test_other_modes_are_drawn_when_they_are_opened(monkeypatch: pytest.MonkeyPatch, services: Services) -> None:
    app = shown(monkeypatch, services)
    before = len(app.get("plotly_chart"))
    app.session_state["other-modes"] = True
    app.run()
    assert len(app.get("plotly_chart")) == before + 1


def test_a_mode_that_was_measured_alone_is_the_headline(monkeypatch: pytest.MonkeyPatch, services: Services) -> None:
    app = shown(monkeypatch, services, replace(samples.run_result(), results=(compiled(),)))
    assert [str(one.proto.alt).partition(":")[0] for one in app.get("plotly_chart")] == [
        "How many times better a side is, each in its best mode",
        "Distribution of the raw blocks of Training step, both compiled",
    ]


def test_a_run_without_any_result_is_still_a_page(monkeypatch: pytest.MonkeyPatch, services: Services) -> None:
    record = finished(services, samples.run_result())
    nothing = replace(samples.run_result(), results=(), machine=replace(samples.MACHINE, fingerprint="f" * 16))
    run = measure(services.store, for_=record.id)
    assert isinstance(services.store, OpenStore)
    services.store.change(run.id, status="done", fraction=1.0, result=nothing)
    app = open_page(monkeypatch, services, "probes", decision=record.id)
    app.session_state[f"elsewhere-{run.id}"] = True
    app.run()
    assert not app.exception
    assert "No result yet" in texts(app)


def test_failures_that_ended_alike_stand_together(monkeypatch: pytest.MonkeyPatch, services: Services) -> None:
    failed = [
        samples.probe_result(f"mlp.p{i}", f"Probe {i}", ratio=None, outcome=Outcome.UNSUPPORTED, reason="No compiler.")
        for i in range(5)
    ]
    result = replace(samples.run_result(), results=(samples.probe_result(), *failed))
    app = shown(monkeypatch, services, result)
    (together,) = [box.label for box in app.expander if "unsupported" in box.label]
    assert all(f"**Probe {i}**" in together for i in range(5))


def test_results_of_elsewhere_have_everything_too(monkeypatch: pytest.MonkeyPatch, services: Services) -> None:
    record = finished(services, larger())
    other = replace(larger(), machine=replace(samples.MACHINE, fingerprint="f" * 16, name="Another CPU"))
    run = measure(services.store, for_=record.id)
    assert isinstance(services.store, OpenStore)
    services.store.change(run.id, status="done", fraction=1.0, result=other)
    app = open_page(monkeypatch, services, "probes", decision=record.id)
    before = len(app.get("plotly_chart"))
    app.session_state[f"elsewhere-{run.id}"] = True
    app.run()
    assert not app.exception
    assert len(app.get("plotly_chart")) >= 2 * before
    app.selectbox(key=f"detail-probe-{run.id}").select("mlp.memory_over_batch").run()
    assert not app.exception
    assert app.selectbox(key="detail-probe").value == "mlp.train_step", "each body has its own choice"


def test_runs_with_other_threads_make_a_curve_of_the_probe(monkeypatch: pytest.MonkeyPatch, services: Services) -> None:
    record = finished(services, replace(larger(), request=RunRequest(threads=2)))
    run = measure(services.store, for_=record.id)
    assert isinstance(services.store, OpenStore)
    services.store.change(run.id, status="done", fraction=1.0, result=larger())
    app = open_page(monkeypatch, services, "probes", decision=record.id)
    assert "**Training step over threads**" in texts(app)
    assert any(str(one.proto.alt).startswith("Training step over threads: ") for one in app.get("plotly_chart"))


def test_everything_can_be_taken_along(monkeypatch: pytest.MonkeyPatch, services: Services) -> None:
    app = shown(monkeypatch, services)
    labels = [button.proto.label for button in app.get("download_button")]
    assert [label for label in labels if "CSV" in label or "JSON" in label] == [
        "Download everything measured (JSON)", "Results (CSV)", "Raw blocks and values (CSV)",
    ]  # fmt: skip

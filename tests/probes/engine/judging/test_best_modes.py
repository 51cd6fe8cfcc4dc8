"""Best mode against best mode, and what modes do for their framework."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from probes import records
from probes.engine.judging.best_modes import CROSSED, UNWITNESSED, best_modes
from probes.engine.judging.results import summarise
from probes.engine.judging.verdicts import CONTRADICTED
from probes.engine.planning import plan
from probes.results import NOT_SHOWN, BestModes, Instance, Measurement, ProbeResult, Round, SideReport, Superblock
from probes.schema import FRAMEWORKS, Calibration, Framework, Outcome, RunRequest, RunSetup, Track, Verdict
from probes.tracks import MODES
from tests.places import MEASUREMENTS

WELL = dict.fromkeys(FRAMEWORKS, SideReport())
Steps = Mapping[Track, tuple[float, float]]  # seconds a step, PyTorch's and TensorFlow's
STEPS = st.dictionaries(
    st.sampled_from(("careful", "default", "tuned")), st.tuples(*[st.floats(1e-4, 1.0)] * 2), min_size=1
)


def measured(
    steps: Steps, *, scatter: float = 0.0, seed: int = 0, measure: str = "train_step", in_turns: bool = False,
    cpu: Steps | None = None, device: str = "cpu",
) -> BestModes:  # fmt: skip
    """Three pairs of three instances of these tracks, as a run would judge them. ``scatter``: of log-seconds.

    ``cpu``: CPU seconds a step while others were at work; None on a quiet machine.
    """
    rng = np.random.default_rng(seed)
    environment = {framework: {"device": device} for framework in FRAMEWORKS}
    rounds = [
        Round(
            index,
            tuple(_track(track, both, rng, scatter, measure, (cpu or steps)[track]) for track, both in steps.items()),
            environment,
            contended=cpu is not None,
        )
        for index in range(3)
    ]
    if in_turns:
        rounds = [replace(round_, measurements=_in_turns(round_.measurements)) for round_ in rounds]
    probes = tuple(_id(track, measure) for track in steps)
    calibration = plan.stated(Calibration(), [])
    results = summarise(RunSetup(RunRequest(probes=probes), calibration), rounds, planned_rounds=3)
    (best,) = best_modes(results, dict.fromkeys(probes, rounds), calibration)
    return best


def _in_turns(measurements: Sequence[Measurement]) -> tuple[Measurement, ...]:
    names = [measurement.probe for measurement in measurements]
    return tuple(replace(m, turns=tuple(name for name in names if name != m.probe)) for m in measurements)


def _id(track: Track, measure: str) -> str:
    return f"mlp.{measure}" + ("" if track == "default" else f".{track}")


def _track(
    track: Track, both: tuple[float, float], rng: np.random.Generator, scatter: float, measure: str,
    cpu: tuple[float, float] | None = None,
) -> Measurement:  # fmt: skip
    def instance() -> Instance:
        by = [math.exp(rng.normal(0, scatter)) for _ in both]
        wall, used = (_abba(kind[0] * by[0], kind[1] * by[1]) for kind in (both, cpu or both))
        return Instance((Superblock("ABBA", wall, used),) * 4)

    return Measurement(_id(track, measure), WELL, tuple(instance() for _ in range(3)))


def _abba(pytorch: float, tensorflow: float) -> tuple[float, float, float, float]:
    return pytorch, tensorflow, tensorflow, pytorch


def test_one_track_is_its_own_headline() -> None:
    best = measured({"careful": (0.010, 0.020)})
    assert best.result.ratio is not None
    assert best.result.ratio.estimate == pytest.approx(2.0)
    assert (best.result.verdict, best.result.title) == (Verdict.PYTORCH, "Training step")
    assert best.effects == ()


def test_the_best_modes_of_one_track_keep_their_turns() -> None:
    best = measured({"careful": (0.010, 0.020), "tuned": (0.005, 0.008)})
    assert best.result.ratio is not None
    assert best.result.ratio.estimate == pytest.approx(1.6)
    assert CROSSED not in best.result.notes
    assert {side.mode for side in best.result.sides.values()} == {"torch.compile", "jit_compile=True"}


def test_the_best_modes_of_two_tracks_are_compared_in_the_same_processes() -> None:
    best = measured({"careful": (0.010, 0.020), "tuned": (0.030, 0.008)}, scatter=0.01)
    assert best.result.ratio is not None
    assert best.result.ratio.low < 0.8 < best.result.ratio.high
    assert (best.result.verdict, best.result.rounds) == (Verdict.TENSORFLOW, 3)
    assert [best.result.sides[f].mode for f in FRAMEWORKS] == ["eager, careful", "jit_compile=True"]
    assert CROSSED in best.result.notes


def test_modes_that_never_shared_a_process_are_not_compared() -> None:
    steps: Steps = {"careful": (0.010, 0.020), "tuned": (0.030, 0.008)}
    rows: list[ProbeResult] = []
    rounds: dict[str, Sequence[Round]] = {}
    for track, both in steps.items():
        kept = [Round(0, (_track(track, both, np.random.default_rng(0), 0.0, "train_step"),))] * 2
        calibration = plan.stated(Calibration(), [])
        setup = RunSetup(RunRequest(probes=(_id(track, "train_step"),)), calibration)
        rows += summarise(setup, kept, planned_rounds=2)
        rounds[_id(track, "train_step")] = kept
    (best,) = best_modes(rows, rounds, calibration)
    assert (best.result.track, best.effects) == ("careful", ()), "so the compiled one isn't shown to be better"


def test_a_mode_takes_another_ones_place_only_if_it_is_shown_to_be_better() -> None:
    best = measured({"careful": (0.0100, 0.020), "default": (0.0097, 0.020)})
    assert best.result.sides["pytorch"].mode == "eager, careful"


def test_what_is_no_matter_of_modes_stays_on_its_track() -> None:
    best = measured({"default": (1.0, 2.0), "eager": (1.0, 0.5)}, measure="gradient")
    assert best.result.track == "default"
    assert best.effects == ()


def test_what_a_mode_does_is_told_against_the_default_one() -> None:
    best = measured({"careful": (0.008, 0.020), "default": (0.010, 0.020), "tuned": (0.005, 0.030)}, scatter=0.005)
    told = {(effect.framework, effect.mode): effect for effect in best.effects}
    assert told["pytorch", "eager, careful"].ratio.estimate == pytest.approx(0.8, rel=0.02)
    assert told["pytorch", "eager, careful"].verdict == "better"
    assert told["tensorflow", "tf.function, careful"].verdict == "equal"
    assert told["tensorflow", "jit_compile=True"].verdict == "worse"
    assert {effect.against for effect in best.effects} == {MODES["default"][f] for f in FRAMEWORKS}


def test_a_rate_is_better_where_it_is_higher() -> None:
    best = measured({"careful": (0.008, 0.020), "default": (0.010, 0.020)}, measure="throughput_b256")
    (effect,) = (effect for effect in best.effects if effect.framework == "pytorch")
    assert (effect.verdict, effect.ratio.estimate) == ("better", pytest.approx(1.25))


@given(STEPS)
def test_swapped_sides_turn_every_headline_round(steps: Steps) -> None:
    there = measured(steps).result.ratio
    back = measured({track: both[::-1] for track, both in steps.items()}).result.ratio  # type: ignore[misc]
    assert there is not None
    assert back is not None
    assert back.estimate == pytest.approx(1 / there.estimate, rel=1e-4)
    assert back.low == pytest.approx(1 / there.high, rel=1e-4)


@given(st.tuples(*[st.floats(1e-3, 1.0)] * 2), st.floats(1.0, 10.0), st.floats(1.0, 10.0))
def test_a_mode_that_is_worse_for_both_changes_nothing(
    both: tuple[float, float], pytorch: float, tensorflow: float
) -> None:
    alone = measured({"careful": both})
    beside = measured({"careful": both, "tuned": (both[0] * pytorch, both[1] * tensorflow)})
    assert beside.result == alone.result


def test_identical_modes_seldom_differ_though_they_are_not_taken_in_turns() -> None:
    """Figures scatter by 3 % between instances, as the same code did in fresh instances (docs/adr/0002)."""
    wrong = 0
    for seed in range(200):
        best = measured({"careful": (0.01, 0.01), "default": (0.01, 0.01)}, scatter=0.03, seed=seed)
        wrong += sum(effect.verdict in ("better", "worse") for effect in best.effects)
    assert wrong <= 0.05 * 400


def test_one_mode_on_two_tracks_is_no_better_than_itself() -> None:
    """PyTorch's eager mode is the same on the tracks «default» and «eager» of recorded runs, minutes apart. It counts
    once there; here it is told apart by name, so that it is compared with itself."""
    verdicts = []
    for file in sorted(MEASUREMENTS.glob("thorough-*.json")):
        run = records.read(file)
        renamed = [_renamed(row) if row.track == "eager" else row for row in run.results]
        rounds = dict.fromkeys((row.probe for row in run.results), run.rounds)
        effects = [effect for best in best_modes(renamed, rounds, run.calibration) for effect in best.effects]
        verdicts += [effect.verdict for effect in effects if effect.mode == "twin"]
    assert len(verdicts) >= 15
    assert sum(verdict in ("better", "worse") for verdict in verdicts) <= 0.06 * len(verdicts)


def _renamed(row: ProbeResult) -> ProbeResult:
    sides: dict[Framework, object] = {**row.sides, "pytorch": replace(row.sides["pytorch"], mode="twin")}
    return replace(row, sides=sides)


def test_modes_that_alternated_are_told_from_those_that_only_shared_processes() -> None:
    crossed: Steps = {"careful": (0.010, 0.020), "tuned": (0.005, 0.030), "default": (0.012, 0.022)}
    apart, alternating = measured(crossed), measured(crossed, in_turns=True)
    assert CROSSED in apart.result.notes
    assert alternating.result.notes == ()
    assert not any(effect.in_turns for effect in apart.effects)
    assert alternating.effects
    assert all(effect.in_turns for effect in alternating.effects)


#: Each side's best mode stands on another track, and TensorFlow is the faster one by the wall.
TWO_TRACKS: Steps = {"careful": (0.010, 0.020), "tuned": (0.030, 0.008)}


@given(STEPS)
def test_where_cpu_time_bears_wall_time_out_a_busy_machine_says_what_a_quiet_one_does(steps: Steps) -> None:
    quiet, busy = measured(steps), measured(steps, cpu=steps)
    assert (busy.result.verdict, busy.result.p, busy.result.ratio) == (
        quiet.result.verdict, quiet.result.p, quiet.result.ratio,
    )  # fmt: skip
    assert busy.effects == quiet.effects


@given(STEPS, STEPS)
def test_a_busy_machine_never_says_more_than_a_quiet_one_or_than_cpu_time(steps: Steps, other: Steps) -> None:
    """Whatever CPU time was: a mode is never told apart by wall time alone."""
    cpu = {track: other.get(track, both) for track, both in steps.items()}
    wall, by_cpu, busy = measured(steps), measured(cpu), measured(steps, cpu=cpu)
    effects = {(one.framework, one.mode): one.verdict for one in busy.effects}
    for told in (wall.effects, by_cpu.effects):
        said = {(one.framework, one.mode): one.verdict for one in told}
        assert all(verdict in ("undecided", said[name]) for name, verdict in effects.items())


@given(st.floats(1.3, 20.0))
def test_a_headline_of_two_tracks_stays_open_where_cpu_time_contradicts_it(less: float) -> None:
    best = measured(TWO_TRACKS, cpu={**TWO_TRACKS, "careful": (0.010 / less, 0.020)})
    assert [best.result.sides[f].mode for f in FRAMEWORKS] == ["eager, careful", "jit_compile=True"]
    assert (best.result.verdict, best.result.p) == (Verdict.UNDECIDED, 1.0)
    assert CONTRADICTED in best.result.notes
    assert measured(TWO_TRACKS).result.verdict is Verdict.TENSORFLOW, "but for that"


def test_a_mode_that_only_wall_time_shows_to_be_better_takes_no_place() -> None:
    steps: Steps = {"careful": (0.010, 0.020), "default": (0.005, 0.020)}
    best = measured(steps, cpu={**steps, "default": (0.010, 0.020)})
    assert best.result.sides["pytorch"].mode == "eager, careful"
    assert {effect.framework: effect.verdict for effect in best.effects} == {
        "pytorch": "undecided", "tensorflow": "equal",
    }  # fmt: skip
    assert measured(steps, cpu=steps).result.sides["pytorch"].mode == "eager", "which CPU time bears out"


@pytest.mark.parametrize(
    ("cpu", "device"),
    [(dict.fromkeys(TWO_TRACKS, (0.0, 0.0)), "cpu"), (TWO_TRACKS, "NVIDIA H200")],
    ids=["too short for its clock", "the work is done elsewhere"],
)
def test_a_headline_of_two_tracks_needs_a_witness_on_a_busy_machine(cpu: Steps, device: str) -> None:
    best = measured(TWO_TRACKS, cpu=cpu, device=device)
    assert (best.result.verdict, best.result.p) == (Verdict.UNDECIDED, 1.0)
    assert UNWITNESSED in best.result.notes
    assert measured(TWO_TRACKS, device=device).result.verdict is Verdict.TENSORFLOW, "but for that"


def _one_sided(steps: Mapping[Track, float], side: Framework) -> tuple[BestModes, ...]:
    """A model with one half: blocks of that side alone, and a reason on the other."""
    other = next(framework for framework in FRAMEWORKS if framework != side)
    sides = {side: SideReport(), other: SideReport(Outcome.UNSUPPORTED, "no half")}
    rounds = [
        Round(
            index,
            tuple(
                Measurement(_id(track, "train_step"), sides, (Instance(blocks={side: (seconds,) * 6}),) * 3)
                for track, seconds in steps.items()
            ),
        )
        for index in range(3)
    ]
    probes = tuple(_id(track, "train_step") for track in steps)
    calibration = plan.stated(Calibration(), [])
    results = summarise(RunSetup(RunRequest(probes=probes), calibration), rounds, planned_rounds=3)
    return best_modes(results, dict.fromkeys(probes, rounds), calibration)


@pytest.mark.parametrize("side", FRAMEWORKS)
def test_one_side_alone_has_its_modes_compared_and_no_ratio(side: Framework) -> None:
    (best,) = _one_sided({"careful": 0.008, "default": 0.010, "tuned": 0.004}, side)
    assert not best.compared
    assert best.result.ratio is None
    assert best.result.sides[side].mode == MODES["tuned"][side], "the best one"
    assert {effect.framework for effect in best.effects} == {side}
    told = {effect.mode: (effect.ratio.estimate, effect.verdict) for effect in best.effects}
    assert told[MODES["careful"][side]] == (pytest.approx(0.8), "better")
    assert told[MODES["tuned"][side]] == (pytest.approx(0.4), "better")


def test_one_mode_of_one_side_is_nothing_to_compare() -> None:
    assert _one_sided({"default": 0.01}, "pytorch") == ()


def test_a_doubt_about_either_track_goes_along_where_two_tracks_are_compared() -> None:
    doubt = "they disagree"
    steps: Steps = {"careful": (0.010, 0.020), "tuned": (0.030, 0.008)}
    rng = np.random.default_rng(0)
    rounds = [
        Round(index, tuple(replace(_track(t, both, rng, 0.01, "train_step"), doubt=doubt) for t, both in steps.items()))
        for index in range(3)
    ]
    probes = tuple(_id(track, "train_step") for track in steps)
    calibration = plan.stated(Calibration(), [])
    results = summarise(RunSetup(RunRequest(probes=probes), calibration), rounds, planned_rounds=3)
    (best,) = best_modes(results, dict.fromkeys(probes, rounds), calibration)
    assert f"{NOT_SHOWN}: {doubt}" in best.result.notes
    assert best.compared
    assert not best.result.shown_alike

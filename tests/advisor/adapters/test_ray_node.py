"""What an actor says of a measurement: sparing in what others have to read."""

from __future__ import annotations

from advisor.adapters import ray_node
from probes.json_form import from_json
from probes.results import Progress
from tests import samples


def test_words_are_told_at_once_and_results_every_other_second() -> None:
    now, told = 0.0, list[str]()
    say = ray_node._sparing(told.append, clock=lambda: now)
    results = samples.run_result().results
    for now, found in ((0.0, ()), (0.1, results), (0.2, results), (1.0, results), (2.2, results)):
        say(Progress(f"at {now}", None, 1, 2, 0.5, found))
    heard = [from_json(Progress, text) for text in told]
    assert [one.message for one in heard] == ["at 0.0", "at 0.1", "at 0.2", "at 1.0", "at 2.2"]
    assert [bool(one.results) for one in heard] == [False, True, False, False, True]

"""What to do where neither side wins: stay or try the move, and what keeps the other way open."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from advisor.answers import Answers
from advisor.decision.explain.words import other
from probes.schema import TITLES, Framework

#: Where code stays as it is.
_HOME: Final[Mapping[str, Framework]] = {
    "pytorch": "pytorch", "tensorflow1": "tensorflow", "tensorflow2": "tensorflow", "keras": "tensorflow",
    "keras2": "tensorflow", "keras3": "tensorflow",
}  # fmt: skip
#: Code of which a hint (``data/hints.yaml``) says already what Keras 3 keeps open.
_HINTED: Final = frozenset({"keras", "keras2", "keras3", "tensorflow1"})
#: Targets where no runtime takes an ONNX model as it is.
_WITHOUT_ONNX: Final = frozenset({"microcontroller", "coral", "core_ml", "tpu", "llm_serving", "llm_device"})
_EVEN: Final = 0.505  # below that both come out ahead equally often, as it is shown
_NEARLY_EVEN: Final = 0.55  # below that the chance is about one in two


def advice(answers: Answers, ahead: Framework, share: float, move: str) -> str:
    """What to do when ``ahead`` leads with ``share`` (0.5 to 0.75) and bringing the code along takes ``move``."""
    return " ".join(part for part in (_first(answers, ahead, share, move), keeps_open(answers)) if part)


def is_even(share: float) -> bool:
    """Whether the larger share of the draws says that nobody leads."""
    return share < _EVEN


def _first(answers: Answers, ahead: Framework, share: float, move: str) -> str:
    code = answers.code.framework
    home = None if answers.code.plan == "rewrite" else _HOME.get(code or "none")
    if code == "both":
        return (
            "Both of your backends are complete, so nothing forces a choice; "
            f"if one has to go, it is {TITLES[other(ahead)]}."
        )
    if home is None and share < _NEARLY_EVEN:
        return "Either will do. Let the people who write the code choose."
    if home is None:
        return f"{TITLES[ahead]} is ahead, but not by enough to settle it: let the people who write the code choose."
    if home == ahead:
        return f"Stay with what you have ({TITLES[home]}): a move would cost more than it is known to bring."
    if share < _NEARLY_EVEN:
        return "With the cost of the move counted, the two come out about even, so nothing forces a move."
    leads = f"{TITLES[ahead]} is ahead even with the cost of the move counted, but not by enough to settle it."
    trial = "Move one part first, and decide by how that goes."
    return " ".join(part for part in (leads, move, trial) if part)


def keeps_open(answers: Answers) -> str:
    """How to keep the other way open, "" if there is none: only what is true of this code and these targets."""
    code = answers.code.framework or "none"
    ways = []
    if code not in _HINTED and (code == "none" or answers.code.plan == "rewrite"):
        ways.append("what is written in Keras 3 runs on both")
    elif code == "tensorflow2":
        ways.append("what is moved to Keras 3 runs on both")
    if code != "jax" and not {target.id for target in answers.targets} & _WITHOUT_ONNX:
        ways.append("a model exported to ONNX runs without either")
    return f"Keep the other way open: {', and '.join(ways)}." if ways else ""

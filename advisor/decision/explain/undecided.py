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
_NEW: Final = "what is written in Keras 3 runs on both"
_MOVED: Final = "what is moved to Keras 3 runs on both"
#: By the code that there is; nothing for code that Keras 3 is no help to.
_KERAS: Final[Mapping[str, str]] = {
    "none": _NEW,
    "tensorflow1": _MOVED,
    "tensorflow2": _MOVED,
    "keras": "code in Keras 3, though not in Keras 2, runs on both where it makes no tf.* calls",
    "keras2": _MOVED,
    "keras3": "your Keras 3 code runs on both where it makes no tf.* calls",
}
#: Targets where no runtime takes an ONNX model as it is.
_WITHOUT_ONNX: Final = frozenset({"microcontroller", "coral", "core_ml", "tpu", "llm_serving", "llm_device"})
_EVEN: Final = 0.505  # below that both come out ahead equally often, as it is shown


def advice(answers: Answers, ahead: Framework, share: float, move: str) -> str:
    """What to do when ``ahead`` leads with ``share`` (0.5 to 0.75) and bringing the code along takes ``move``."""
    return " ".join(part for part in (_first(answers, ahead, share, move), _keeps_open(answers)) if part)


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
    if home is None:
        return "Either will do. Let the people who write the code choose."
    if home == ahead or is_even(share):
        return f"Stay with what you have ({TITLES[home]}): a move would cost more than it is known to bring."
    leads = f"{TITLES[ahead]} is slightly ahead even with the cost of the move counted, but that doesn't settle it."
    trial = "Move one part first, and decide by how that goes."
    return " ".join(part for part in (leads, move, trial) if part)


def _keeps_open(answers: Answers) -> str:
    """Only what is true of this code and these targets."""
    code = answers.code.framework or "none"
    targets = {target.id for target in answers.targets}
    ways = [_KERAS.get("none" if answers.code.plan == "rewrite" else code, "")]
    if code != "jax" and not targets & _WITHOUT_ONNX:
        ways.append("a model exported to ONNX runs without either")
    known = [way for way in ways if way]
    return f"Keep the other way open: {', and '.join(known)}." if known else ""

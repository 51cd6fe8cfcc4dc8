"""A team's own model in the measured child of one framework: what it is, a subject of it, and its weights."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from probes.contracts import Subject, TrainingSettings, UnsupportedError
from probes.model_file import loading, trees
from probes.model_file.carrying import NotCarriedError, matched
from probes.schema import Framework

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Samples that a file is described by.
LOOK = 2
_SUBJECTS: Mapping[Framework, tuple[str, str]] = {
    "pytorch": ("probes.model_file.torch_subject", "OwnTorchSubject"),
    "tensorflow": ("probes.model_file.keras_subject", "OwnKerasSubject"),
}


class OwnModel:
    """Loads the file once; every subject is built anew by the file's own function."""

    def __init__(self, framework: Framework, path: Path, sha256: str = "") -> None:
        """Raises UnsupportedError for a file that is none, and what the file itself raises."""
        self._framework = framework
        self._module = loading.load(path, sha256)
        self._half = importlib.import_module(_SUBJECTS[framework][0])
        self._carried: tuple[dict[str, str], dict[str, NDArray[Any]]] | None = None

    @property
    def has_half(self) -> bool:
        return hasattr(self._module, self._framework)

    def drawn(self, seed: int, batch: int) -> tuple[Any, Any]:
        """Inputs and labels (None: it has none) of so many samples, as the file draws them from the seed."""
        return loading.drawn(self._module, np.random.default_rng(seed), batch)

    def described(self, seed: int) -> dict[str, Any]:
        """What the file says of itself; and of this side's half, if there is one, its parameters and what it answers
        for ``LOOK`` samples. Raises UnsupportedError for what can't be measured."""
        spec = getattr(self._module, "SPEC", {})
        if not isinstance(spec, dict):
            raise UnsupportedError(f"SPEC is a {type(spec).__name__}; allowed: a dictionary")
        x, labels = loading.drawn(self._module, np.random.default_rng(seed), LOOK)
        found: dict[str, Any] = {
            "title": str(spec.get("title", "")),
            "packages": [str(name) for name in spec.get("packages", ())],
            "sides": [side for side in loading.HALVES if hasattr(self._module, side)],
            "trains": labels is not None,
            "inputs": {place or "x": _shape(leaf) for place, leaf in trees.leaves(x)},
        }
        if self.has_half:
            subject = self.subject(seed, LOOK, TrainingSettings(), mode="eager", device="cpu")
            outputs = subject.read(subject.predict())
            if not np.isfinite(outputs).all():
                raise UnsupportedError("the model answers with values that are not finite (NaN or infinity)")
            found |= {"parameters": _parameters(subject.network), "outputs": list(outputs.shape)}
        return found

    def subject(self, seed: int, batch: int, settings: TrainingSettings, *, mode: str, device: str) -> Subject:
        """A new one with inputs drawn from the seed, and the weights that were carried over, if any were."""
        inputs = loading.drawn(self._module, np.random.default_rng(seed), batch)
        network = getattr(self._module, self._framework)()
        if settings.dropout == 0.0:
            self._half.without_dropout(network)
        loss = loading.loss_of(self._module, self._framework)
        kind: Callable[..., Subject] = getattr(self._half, _SUBJECTS[self._framework][1])
        subject = kind(network, inputs, mode, device, settings, loss)
        if self._carried is not None:
            self._half.write(subject.network, *self._carried)
            subject.names = self._carried[0]  # type: ignore[attr-defined]
        return subject

    def keep(self, seed: int, file: Path) -> None:
        """Write this side's weights to ``file``, and begin with them from here on. Raises NotCarriedError."""
        subject = self.subject(seed, LOOK, TrainingSettings(), mode="eager", device="cpu")
        weights = self._weights(subject)
        np.savez(file, allow_pickle=False, **weights)
        self._carried = {name: name for name in weights}, weights

    def carry(self, seed: int, file: Path) -> None:
        """Begin with the weights in ``file`` from here on, which are the other side's. Raises NotCarriedError."""
        subject = self.subject(seed, LOOK, TrainingSettings(), mode="eager", device="cpu")
        with np.load(file) as found:
            weights = dict(found)
        self._carried = matched(list(self._weights(subject).items()), list(weights.items())), weights

    def _weights(self, subject: Subject) -> dict[str, NDArray[Any]]:
        try:
            return dict(subject.weights())
        except TypeError as error:
            raise NotCarriedError(str(error)) from error


def _shape(leaf: Any) -> dict[str, Any]:
    if not hasattr(leaf, "shape") or not hasattr(leaf, "dtype"):
        raise UnsupportedError(f"inputs are arrays of NumPy, not {type(leaf).__name__}")
    return {"shape": list(leaf.shape), "dtype": str(leaf.dtype)}


def _parameters(network: Any) -> int:
    if hasattr(network, "parameters"):
        return sum(int(parameter.numel()) for parameter in network.parameters())
    return int(network.count_params())

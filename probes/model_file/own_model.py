"""A team's own model in the measured child of one framework: what it is, a subject of it, and its weights."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from probes.contracts import DataPlace, Subject, TrainingSettings, UnsupportedError
from probes.model_file import fitting, keras_once, loading, trees
from probes.model_file.carrying import Given, NotCarriedError
from probes.model_file.subject_options import SubjectOptions
from probes.schema import Framework
from probes.team_data.limits import FEWEST
from probes.team_data.rows import Rows

#: Samples that a file is described by.
LOOK: Final = 2
_HALVES: Final[Mapping[Framework, str]] = {
    "pytorch": "probes.model_file.torch_subject",
    "tensorflow": "probes.model_file.keras_subject",
}
_SUBJECTS: Final[Mapping[Framework, str]] = {"pytorch": "OwnTorchSubject", "tensorflow": "OwnKerasSubject"}
_ONCE: Final[Mapping[Framework, str]] = {"pytorch": "OnceOnTorch", "tensorflow": "OnceOnTensorFlow"}


class OwnModel:
    """Loads the file once; every subject is built anew by the file's own function."""

    def __init__(self, framework: Framework, path: Path, sha256: str = "", data: DataPlace | None = None) -> None:
        """``data`` take the place of what the file's ``inputs`` draws. Raises UnsupportedError for a file that is none,
        and what the file itself raises."""
        self._framework = framework
        self._module = loading.load(path, sha256)
        self._rows = Rows(data) if data else None
        self._once = keras_once.has(self._module)
        self._half = importlib.import_module(_HALVES[framework])
        # What networks are built with: parts of Keras' side are told by its own building function.
        self._layers = importlib.import_module(_HALVES["tensorflow"]) if self._once else self._half
        self._begin: Callable[[Any], None] | None = None  # gives a new subject the weights to begin with

    @property
    def has_half(self) -> bool:
        return self._once or hasattr(self._module, self._framework)

    def drawn(self, seed: int, batch: int) -> tuple[Any, Any]:
        """Inputs and labels (None: it has none) of so many samples, as the file draws them from the seed; or of the
        team's own data, drawn from the seed, in the form that the file's are in."""
        x, labels = loading.drawn(self._module, _generator(seed), batch)
        if self._rows is None:
            return x, labels
        return fitting.replaced(x, labels, self._rows.drawn(_generator(seed), batch, fitting.picture(x)))

    def rest(self, seed: int, drawn: int, number: Callable[[int, int], int]) -> tuple[Any, Any] | None:
        """Inputs and labels of other samples of the team's own data than the first ``drawn`` of this seed; where few
        are left, of all. ``number``: how many, of so many with so many bytes each. None without data or labels."""
        x, labels = loading.drawn(self._module, _generator(seed), LOOK)
        if self._rows is None or labels is None or not self._rows.data.data.labelled:
            return None
        order = self._rows.order(_generator(seed))
        left = order[drawn:] if len(order) >= drawn + FEWEST else order
        bytes_each = sum(leaf.nbytes for _, leaf in trees.leaves(x)) // LOOK
        taken = self._rows.at(left[: number(len(left), bytes_each)], fitting.picture(x))
        return fitting.replaced(x, labels, taken)

    def described(self, seed: int) -> dict[str, Any]:
        """What the file says of itself; and of this side's half, if there is one, its parameters and what it answers
        for ``LOOK`` samples. Raises UnsupportedError for what can't be measured."""
        spec = getattr(self._module, "SPEC", {})
        if not isinstance(spec, dict):
            raise UnsupportedError(f"SPEC is a {type(spec).__name__}; allowed: a dictionary")
        x, labels = self.drawn(seed, LOOK)
        found: dict[str, Any] = {
            "title": str(spec.get("title", "")),
            "packages": [str(name) for name in spec.get("packages", ())],
            "sides": [side for side in loading.HALVES if self._once or hasattr(self._module, side)],
            "trains": labels is not None,
            "inputs": {place or "x": _shape(leaf) for place, leaf in trees.leaves(x)},
        }
        if self.has_half:
            subject: Any = self._new(seed, LOOK, TrainingSettings(), "eager", "cpu", trains=False)
            outputs = subject.read(subject.predict())
            if not trees.is_finite(outputs):
                raise UnsupportedError("the model answers with values that are not finite (NaN or infinity)")
            found |= {"parameters": subject.parameters(), "outputs": list(outputs.shape)}
        return found

    def subject(self, seed: int, batch: int, settings: TrainingSettings, *, mode: str, device: str) -> Subject:
        """A new one with inputs drawn from the seed, and the weights that were carried over, if any were."""
        subject = self._new(seed, batch, settings, mode, device)
        if self._begin is not None:
            self._begin(subject)
        return subject

    def keep(self, seed: int, file: Path) -> None:
        """Write PyTorch's weights to ``file``, and begin with them from here on. Raises NotCarriedError."""
        subject: Any = self._new(seed, LOOK, TrainingSettings(), "eager", "cpu", trains=False)
        transfer = None if self._once else getattr(self._module, "transfer", None)
        subject.transfer = transfer
        state = subject.state()
        self._begin_with(lambda new: new.restore(state))  # whether or not the other side can take them
        subject.given().save(file)

        def begin(new: Any) -> None:
            new.restore(state)
            new.transfer = transfer

        self._begin_with(begin)

    def carry(self, seed: int, file: Path) -> None:
        """Begin with the weights in ``file`` from here on, which are PyTorch's. Raises NotCarriedError."""
        from probes.model_file import keras_parts, keras_subject

        given = Given.load(file)
        keras_subject.fresh_names()  # so that a path is the one that the file's author reads
        with keras_parts.noting_calls() as called:
            subject: Any = self._new(seed, LOOK, TrainingSettings(), "eager", "cpu", trains=False)
        names: Mapping[str, str] = {}
        if not self._once:
            names = subject.best_of(given, called) if given.orders else subject.by_path(given)
        self._begin_with(lambda new: new.write(names, given.weights))

    def keep_state(self, seed: int, file: Path) -> None:
        """Write the weights as they are to ``file``, for the same half in another version of the framework, and begin
        with them from here on."""
        import numpy as np

        subject: Any = self._new(seed, LOOK, TrainingSettings(), "eager", "cpu", trains=False)
        state = subject.state()
        np.savez(file, allow_pickle=False, **state)
        self._begin_with(lambda new: new.restore(state))

    def take_state(self, seed: int, file: Path) -> None:
        """Begin with what ``keep_state`` wrote. Raises NotCarriedError where this version builds other weights."""
        import numpy as np

        with np.load(file) as kept:
            state = dict(kept)
        subject: Any = self._new(seed, LOOK, TrainingSettings(), "eager", "cpu", trains=False)
        theirs, ours = ({name: array.shape for name, array in of.items()} for of in (state, subject.state()))
        if theirs != ours:
            other = next(name for name in (*theirs, *ours) if theirs.get(name) != ours.get(name))
            raise NotCarriedError(
                f"both versions build other weights: {other} is {theirs.get(other, 'not there')} in the first, "
                f"{ours.get(other, 'not there')} in the second"
            )
        self._begin_with(lambda new: new.restore(state))

    def _begin_with(self, begin: Callable[[Any], None]) -> None:
        """``begin`` gives each new subject its weights."""
        self._begin = begin

    def module(self, settings: TrainingSettings) -> Any:
        """A new network, as it is called with inputs."""
        return self.network(settings)

    def network(self, settings: TrainingSettings) -> Any:
        """A new one, as the file's own function makes it."""
        with self._layers.building(settings):
            return getattr(self._module, keras_once.HALF if self._once else self._framework)()

    def _new(
        self, seed: int, batch: int, settings: TrainingSettings, mode: str, device: str, *, trains: bool = True
    ) -> Subject:
        """``trains``: with labels, where the file draws some, and what training needs."""
        (x, labels), network = self.drawn(seed, batch), self.network(settings)
        if settings.dropout == 0.0:
            self._layers.without_dropout(network)
        loss = loading.loss_of(self._module, self._framework)
        kinds = (keras_once, _ONCE) if self._once else (self._half, _SUBJECTS)
        kind: Callable[..., Subject] = getattr(kinds[0], kinds[1][self._framework])
        return kind(network, SubjectOptions((x, labels if trains else None), mode, device, settings, loss))


def _shape(leaf: Any) -> dict[str, Any]:
    if not hasattr(leaf, "shape") or not hasattr(leaf, "dtype"):
        raise UnsupportedError(f"inputs are arrays of NumPy, not {type(leaf).__name__}")
    return {"shape": list(leaf.shape), "dtype": str(leaf.dtype)}


def _generator(seed: int) -> Any:
    import numpy as np

    return np.random.default_rng(seed)

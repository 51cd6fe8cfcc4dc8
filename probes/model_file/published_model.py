"""A published model in the measured child of one framework: as a team's own, but nobody's code is loaded."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any, Final

from probes.contracts import DataPlace, Subject, TrainingSettings, UnsupportedError
from probes.model_file import published
from probes.model_file.carrying import Given
from probes.model_file.own_model import LOOK, OwnModel
from probes.model_file.published import HalfError
from probes.model_file.subject_options import SubjectOptions
from probes.schema import FRAMEWORKS, Framework
from probes.team_data.rows import Rows
from probes.team_files import Lack

_HALVES: Final[Mapping[Framework, str]] = {
    "pytorch": "probes.model_file.published_torch",
    "tensorflow": "probes.model_file.published_keras",
}
_SUBJECTS: Final[Mapping[Framework, str]] = {"pytorch": "PublishedTorchSubject", "tensorflow": "PublishedKerasSubject"}


class PublishedModel(OwnModel):
    """Every subject is built anew by Transformers or KerasHub; weights of the one are the other's."""

    def __init__(self, framework: Framework, path: Path, sha256: str = "", data: DataPlace | None = None) -> None:
        """``data``: token ids and masks in place of drawn ones, with labels or for inference alone. Raises
        UnsupportedError for what is no published model that can be measured."""
        self._framework = framework
        self._published = published.load(path, sha256)
        if data is not None:
            tokens = data.data.shapes.get("input_ids", ())[:1] or (published.TOKENS,)
            self._published = replace(self._published, tokens_asked=tokens[0], labelled=data.data.labelled)
        self._half: Any = importlib.import_module(_HALVES[framework])
        self._layers, self._once, self._begin = self._half, False, None
        self._rows = Rows(data) if data else None
        self._carried = False  # whether every subject is given its weights
        self._module = ModuleType(self._published.architecture)  # what a file would have to say for it
        vars(self._module).update(
            SPEC={"title": self._published.title, "packages": published.PACKAGES[framework]},
            inputs=self._published.inputs,
            **dict.fromkeys(FRAMEWORKS, self.network),
        )

    def drawn(self, seed: int, batch: int) -> tuple[Any, Any]:
        """As of any model; of a team's own data, tokens that the model knows."""
        x, labels = super().drawn(seed, batch)
        if self._rows is not None:
            low, high = int(x["input_ids"].min()), int(x["input_ids"].max())
            if low < 0 or high >= self._published.vocabulary:
                raise UnsupportedError(
                    f"data: {self._rows.data.data.name} has the token {low if low < 0 else high}; allowed: 0 to "
                    f"{self._published.vocabulary - 1}, the model's vocabulary"
                )
        return x, labels

    def lack(self) -> Lack | None:
        """Why this side has no half here; None if it has one."""
        try:
            library_version = self._half.library_version()
        except ImportError:
            return Lack("not installed", self._half.LIBRARY, what=published.RUNTIMES[self._framework])
        if not self._half.lacks(self._published):
            return None
        today = datetime.now(UTC).date().isoformat()
        what = f"{self._published.architecture} as {self._published.kind}"
        return Lack("no implementation", self._half.LIBRARY, library_version, what, today)

    def looked_at(self, seed: int) -> dict[str, Any] | Lack:
        """As ``described``, or why there is no such half here."""
        try:
            if lack := self.lack():
                return lack
            return self.described(seed) | {"generates": self._published.kind == "decoder"}
        except HalfError as error:
            return Lack("refused", self._half.LIBRARY, self._half.library_version(), str(error))

    def keep(self, seed: int, file: Path) -> None:
        """Write Transformers' weights to ``file``, and begin with them from here on."""
        subject: Any = self._new(seed, LOOK, TrainingSettings(), "eager", "cpu", trains=False)
        state = subject.state()
        self._begin_with(lambda new: new.restore(state))
        subject.given().save(file)

    def carry(self, seed: int, file: Path) -> None:
        """Begin with Transformers' weights in ``file`` from here on. Raises NotCarriedError."""
        given = Given.load(file).weights
        subject: Any = self._new(seed, LOOK, TrainingSettings(), "eager", "cpu", trains=False)
        subject.take(given)
        self._begin_with(lambda new: new.take(given))

    def _begin_with(self, begin: Callable[[Any], None]) -> None:
        self._carried, self._begin = True, begin

    def module(self, settings: TrainingSettings) -> Any:
        """What is called with inputs, of all that the side's library makes."""
        return self._half.module(self.network(settings))

    def network(self, settings: TrainingSettings) -> Any:
        """A new one, as the side's library makes it."""
        with self._half.building(settings):
            return self._half.network(self._published, load_weights=not self._carried)

    def _new(
        self, seed: int, batch: int, settings: TrainingSettings, mode: str, device: str, *, trains: bool = True
    ) -> Subject:
        (x, labels), built = self.drawn(seed, batch), self.network(settings)
        if settings.dropout == 0.0:
            self._half.without_dropout(built)
        kind: Callable[..., Subject] = getattr(self._half, _SUBJECTS[self._framework])
        return kind(built, SubjectOptions((x, labels if trains else None), mode, device, settings, None))

"""A team's own model in a child that exports it or answers with it: loaded from its file, its inputs by place."""

from __future__ import annotations

import hashlib
import importlib
import json
import os
import re
import sys
import time
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from probes.contracts import DataPlace, TrainingSettings, UnsupportedError
from probes.deploy import batches, scoring, summary
from probes.deploy.contracts import SourceModel
from probes.deploy.schema import BATCHES
from probes.model_file import keras_once, loading, published, templates, trees
from probes.model_file.own_model import OwnModel
from probes.model_file.published_model import PublishedModel
from probes.schema import TITLES, Framework
from probes.system.quoting import quoted

if TYPE_CHECKING:
    from numpy.typing import NDArray

ASKED: Final = 2 * BATCHES[-1]  # samples that every way answers; the first half calibrates static quantisation
SINGLES: Final = 8  # of them, those that are asked one by one as well
#: Seconds that the framework itself may take for a full tray: every way is clocked on some fifty of them.
LONGEST_TRAY: Final = 5.0
#: How far answers in a tray may lie from those one by one, as a share of the largest: other sums, other roundings.
ALIKE: Final = 1e-3
_LOOK = "inputs.json"
_MOST_WORDS: Final = 400
_MOST_READ: Final = 20_000  # characters, of which those words are the first
#: What tools write for terminals and for those who know their insides: colours, and where in a graph something is.
_NOISE: Final = re.compile(
    r"\x1b\[[0-9;]*m|<unknown>:0: |error: loc\(.*\): (?=')|(?:note: loc\(|see current operation:).*", re.DOTALL
)
_HELPERS: Final[Mapping[Framework, str]] = {
    "pytorch": "probes.deploy.torch_model",
    "tensorflow": "probes.deploy.keras_model",
}


def _nothing_hidden(_: Iterable[str]) -> None: ...


def _as_raised(_path: Path, _framework: Framework) -> AbstractContextManager[None]:
    return nullcontext()


@dataclass(frozen=True, slots=True)
class OwnHalf:
    """Where the model's code is, and what its inputs look like. As it is by default it goes to other processes: servers
    pickle what their workers are to load."""

    path: str
    sha256: str
    template: templates.Template
    plain: bool  # one array in, one out: it is called as it is
    show: Callable[[Iterable[str]], None] = _nothing_hidden  # lets a guarded process see what the file needs
    explain: Callable[[Path, Framework], AbstractContextManager[None]] = _as_raised  # see ``mistakes``

    def network(self, framework: Framework) -> Any:
        """A new one that takes its inputs by place, built as far as loading weights asks for.

        Raises UnsupportedError for a file that can't be loaded, and what ``explain`` makes of what the file raises.
        """
        with self.explain(Path(self.path), framework):
            model = loaded(framework, self.path, self.sha256, self.show)
            return _helper(framework).by_place(model.module(TrainingSettings()), self.template, plain=self.plain)


def loaded(
    framework: Framework,
    path: str,
    sha256: str,
    show: Callable[[Iterable[str]], None] = _nothing_hidden,
    data: DataPlace | None = None,
) -> OwnModel:
    """The file's model in this process, which works in the run's own folder from here on. ``data``: that take the place
    of what it draws."""
    file = Path(path)
    if published.is_published(file):
        show(published.PACKAGES[framework])
        return PublishedModel(framework, file, sha256, data)
    if scratch := os.environ.get("TMPDIR"):
        os.chdir(scratch)
    if keras_once.is_written(loading.read(file)) and framework == "pytorch":
        os.environ["KERAS_BACKEND"] = "torch"  # Keras asks when it is imported, which the file does
        show(("keras",))
    show(loading.packages(file))
    return OwnModel(framework, file, sha256, data)


@contextmanager
def quoting(what: str, is_out_of_memory: Callable[[BaseException], bool]) -> Iterator[None]:
    """Whatever a tool raises about a team's own model is its refusal, which is quoted behind ``what``; that memory ran
    out is passed on, and so is what is missing here."""
    try:
        yield
    except (UnsupportedError, ImportError):
        raise
    except Exception as error:
        if is_out_of_memory(error):
            raise
        traceback.print_exc()
        cause: BaseException = error
        while cause.__cause__ is not None:  # tools raise what they were doing from what went wrong
            cause = cause.__cause__
        words = quoted(without_noise(str(cause)), _MOST_WORDS)
        raise UnsupportedError(f"{what}: {type(cause).__name__}: {words}".rstrip(": ")) from error


def without_noise(text: str) -> str:
    """The beginning of what a tool says, as people read it: some dump a whole graph behind that."""
    return _NOISE.sub("", text[:_MOST_READ])


def make(framework: Framework, model: OwnModel, path: Path, seed: int, folder: Path) -> dict[str, Any]:
    """Inputs and the weights of a new network into ``folder``. The reply tells what the inputs look like, and a digest
    of all that makes the network: code of the file's own folder, weights, inputs.

    Raises UnsupportedError for what can't be asked in batches of several sizes.
    """
    import numpy as np

    drawn, labels = model.drawn(seed, ASKED)
    tree = trees.mapped(_shortened, drawn)
    look = OwnHalf(str(path), "", templates.template(tree, ASKED), plain=False)
    leaves = tuple(leaf for _, leaf in trees.leaves(tree))
    helper = _helper(framework)
    network = helper.by_place(model.module(TrainingSettings()), look.template, plain=False)
    outputs = helper.answered(network, batches.rows(leaves, 0, 1))
    plain = len(outputs) == 1 and templates.is_leaf(look.template)
    classes = _are_classes(labels, outputs)
    asked = _scored(model, seed, partial(helper.answered, network), leaves) if classes else ()
    if asked and (most := int(asked[-1].max())) >= outputs[0].shape[1]:
        raise UnsupportedError(
            f"data: a label is {most}; allowed: 0 to {outputs[0].shape[1] - 1}, as the model answers"
        )
    if asked:
        scoring.keep(folder, asked[:-1], asked[-1])
    if plain:
        network = helper.inner(network)
    helper.keep(network, folder)
    batches.keep(folder / batches.FILE, leaves, batches.rows(leaves, 0, BATCHES[-1]), np.zeros(0, np.int64))
    told = {"template": look.template, "plain": plain}
    (folder / _LOOK).write_text(json.dumps(told), encoding="utf-8")
    digest = _digest((*helper.state(network), *leaves, *asked), _neighbours(path))
    return {**told, "classes": classes, "code": digest}


def source(
    framework: Framework, model: OwnModel, folder: Path, threads: int, *, score: bool = False
) -> tuple[SourceModel, dict[str, Any]]:
    """The network with the weights in ``folder``, and what it answers in its framework itself; to ``score`` it, also
    for how many of a team's labelled samples, if there are any, it is right.

    Raises UnsupportedError for a model that takes too long, or that answers otherwise in a batch than sample by sample.
    """
    told = json.loads((folder / _LOOK).read_text(encoding="utf-8"))
    helper = _helper(framework)
    network = helper.by_place(model.module(TrainingSettings()), told["template"], plain=told["plain"])
    helper.restore(network, folder)
    asked = batches.read(folder / batches.FILE)
    outputs = []
    for start in range(0, ASKED, BATCHES[-1]):
        begin = time.perf_counter()
        outputs.append(helper.answered(network, batches.rows(asked, start, start + BATCHES[-1])))
        _look_at_time(framework, time.perf_counter() - begin)
    answers = _table(outputs)
    alone = _table([helper.answered(network, batches.rows(asked, n, n + 1)) for n in range(SINGLES)])
    if reason := _unsteady(answers[:SINGLES], alone):
        raise UnsupportedError(reason)
    packed = replace(summary.pack(answers), outputs=batches.widths(outputs[0]))
    calibration = batches.read(folder / batches.FILE, "calibration")
    told_of = asdict(packed)
    if score and (scored := folder / scoring.FILE).exists():
        told_of |= scoring.right(scored, lambda leaves: batches.table(helper.answered(network, leaves)))
    return SourceModel("", {}, network, batches.rows(asked, 0, 2), calibration, threads), told_of


def _scored(
    model: OwnModel, seed: int, answered: Callable[[batches.Leaves], Any], leaves: batches.Leaves
) -> tuple[NDArray[Any], ...]:
    """The inputs by place and, last, the classes of a team's labelled samples that ways are scored on; () without."""
    import numpy as np

    begin = time.perf_counter()
    answered(batches.rows(leaves, 0, BATCHES[-1]))
    number = partial(scoring.number, tray_seconds=time.perf_counter() - begin)
    if (others := model.rest(seed, ASKED, number)) is None:
        return ()
    return (*(_shortened(leaf) for _, leaf in trees.leaves(others[0])), np.asarray(trees.only(others[1], "labels")))


def _are_classes(labels: Any, outputs: list[NDArray[Any]]) -> bool:
    """Whether the model tells classes apart, so that one can count how often a way finds the same."""
    import numpy as np

    told = [np.asarray(leaf) for _, leaf in trees.leaves(labels)]
    whole = len(told) == 1 and told[0].dtype.kind in "iu" and told[0].ndim == 1
    return whole and len(outputs) == 1 and outputs[0].ndim == 2 and outputs[0].shape[1] > 1


def _table(parts: list[list[NDArray[Any]]]) -> NDArray[Any]:
    import numpy as np

    try:
        return np.concatenate([batches.table(outputs) for outputs in parts])
    except ValueError as error:
        raise UnsupportedError(f"ways out can't be compared with the model: {error}") from error


def _look_at_time(framework: Framework, seconds: float) -> None:
    if seconds > LONGEST_TRAY:
        raise UnsupportedError(
            f"{BATCHES[-1]} samples take {seconds:.0f} s in {TITLES[framework]} itself, allowed are {LONGEST_TRAY:g} "
            "s: clocking its ways out would take hours. Let inputs() draw smaller samples, or take a smaller model"
        )


def _unsteady(together: NDArray[Any], alone: NDArray[Any]) -> str:
    """Why no way can be compared with the model; "" if it can."""
    import numpy as np

    if together.shape != alone.shape:
        return (
            f"the model answers a sample with {alone.shape[1]} numbers when it is alone, and with {together.shape[1]} "
            f"in a batch of {BATCHES[-1]}: its ways out can't be compared with it"
        )
    if not np.isfinite(together).all():
        return "the model answers with values that are not finite (NaN or infinity)"
    if np.abs(together - alone).max() > ALIKE * np.abs(together).max():
        return (
            "the model answers the same sample otherwise when it is alone than in a batch, or each time anew: its ways "
            "out can't be compared with it. Is something random at inference, or taken over the whole batch?"
        )
    return ""


def _shortened(leaf: Any) -> NDArray[Any]:
    """Twice as long numbers are NumPy's default, nobody's choice."""
    import numpy as np

    array = np.asarray(leaf)
    return array.astype(np.float32) if array.dtype == np.float64 else array


def _digest(arrays: Iterable[NDArray[Any]], files: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(f"{array.shape}{array.dtype}".encode() + array.tobytes())
    for file in files:
        digest.update(file.read_bytes())
    return digest.hexdigest()[:24]


def _neighbours(path: Path) -> list[Path]:
    """Modules of the file's own folder that it has imported: its hash says nothing of those."""
    if published.is_published(path):
        return []
    found = {Path(at) for module in list(sys.modules.values()) if (at := getattr(module, "__file__", None))}
    beside = path.parent
    return sorted(at for at in found if beside in at.parents and "site-packages" not in at.parts and at.is_file())


def _helper(framework: Framework) -> Any:
    return importlib.import_module(_HELPERS[framework])

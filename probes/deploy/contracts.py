"""What a route's file promises, and what it is given. Imports no framework and nothing heavy.

A file of ``probes/routes`` has three names::

    SPEC = RouteSpec(id=…, title=…, framework=…, …)

    def export(source: SourceModel, folder: Path, form: ArtefactForm) -> None:
        '''Write the artefact into ``folder``, which is empty. Runs in a child with the framework loaded.'''

    def load(artefact: Artefact) -> Predict:
        '''Ready to answer. Runs in a fresh child that has imported nothing; what it imports counts as cold start.'''

One that doesn't take every model may say so before anything is exported::

    def look_at(inputs: Sequence[NDArray], outputs: Sequence[NDArray]) -> None:
        '''Raises UnsupportedError for arrays that it can't be asked with, or can't answer with.'''
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from probes.deploy.schema import ArtefactForm
from probes.schema import Framework

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from probes.deploy.batches import Leaves
    from probes.deploy.own_half import OwnHalf

#: Inputs by place, each (n, …), as the model's ``inputs`` makes them -> logits (n, classes) float32, or a table of all
#: that a team's own model answers, computed when it returns. One that asks a process of its own tells that one's id as
#: ``pid``: then its memory counts too, and it is that one's allocator which ``settle`` settles (see
#: ``probes.engine.child.allocator``).
Predict = Callable[..., "NDArray[Any]"]


@dataclass(frozen=True, slots=True)
class RouteSpec:
    """What a way is, and what it needs."""

    id: str  # the file's name: "pytorch_onnxruntime"
    title: str  # "ONNX → ONNX Runtime"
    framework: Framework  # whose model it starts from
    steps: str  # what a team would call: "torch.onnx.export → onnxruntime.InferenceSession"
    forms: tuple[ArtefactForm, ...] = ("float32",)
    # Ids of data/runtimes.yaml; "" is the app's own environment. LiteRT files from PyTorch are made in one of their own
    # and run in the app's; ExecuTorch needs its own for both.
    exports_in: str = ""
    runs_in: str = ""
    exports_with: tuple[str, ...] = ()  # modules beyond the framework that the export needs: ("onnxscript",)
    runs_with: tuple[str, ...] = ()  # modules that running it needs: ("onnxruntime",)
    packages: tuple[str, ...] = ()  # installed packages whose files, dependencies included, are the runtime's size
    files: tuple[str, ...] = ()  # patterns of the only files of these packages that it needs: ("torch/lib/*",)
    programs: tuple[str, ...] = ()  # programs on the PATH that it needs: ("g++",)
    #: Of the process that runs it, not of the one that exports it: {"KERAS_BACKEND": "jax"}.
    environment: Mapping[str, str] = field(default_factory=dict)
    #: Why nothing here can run it ("runs in a browser"): it is exported and weighed only, ``load`` is left out.
    elsewhere: str = ""
    tolerance: float = 1e-4  # largest deviation from the source that its float32 form may have
    deprecated: str = ""
    heavy: bool = False  # its export takes half a minute or more, or an environment of its own


@dataclass(frozen=True, slots=True)
class SourceModel:
    """The trained network in its framework, and data to export it by."""

    model: str
    sizes: Mapping[str, int]
    network: Any  # the module in evaluation mode, or the Keras model; it takes its inputs by place
    example: Leaves  # two inputs, as the model takes them
    calibration: Leaves  # inputs that it was trained on, for static quantisation: (128, …)
    threads: int


@dataclass(frozen=True, slots=True)
class Artefact:
    """What was exported, and how it is to be run."""

    folder: Path
    form: ArtefactForm
    model: str
    sizes: Mapping[str, int]
    threads: int  # intra-op threads, all that the runtime may use
    own: OwnHalf | None = None  # of a team's own model: where its code is

"""Model files of a few layers, and two children that compare one after the other."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from probes.compare import run
from probes.compare.schema import Comparison
from probes.engine.running.child import Child
from probes.schema import FRAMEWORKS, Framework
from probes.team_files import ModelFile
from tests.probes.both_children import both_children

_FILE = """
SPEC = dict(title="Small")

def inputs(rng, batch):
    return {inputs}

def pytorch():
    import torch
    from torch import nn

    class Turned(nn.Module):
        def __init__(self, *axes):
            super().__init__()
            self.axes = axes

        def forward(self, x):
            return x.permute(*self.axes)

    class Called(nn.Module):
        def __init__(self, function):
            super().__init__()
            self.function = function

        def forward(self, x):
            return self.function(x)

    class Last(nn.Module):
        def __init__(self, layer):
            super().__init__()
            self.layer = layer

        def forward(self, x):
            return self.layer(x)[0][:, -1]

    def as_keras(layer):
        nn.init.xavier_uniform_(layer.weight)
        nn.init.zeros_(layer.bias)
        return layer

    first, last = Turned(0, 3, 1, 2), Turned(0, 2, 3, 1)
    return nn.Sequential({pytorch})

def tensorflow():
    from keras import Input, Model, activations, initializers, layers, ops
    given = x = Input({shape}, dtype="{dtype}")
    for layer in [{keras}]:
        x = layer(x)
    return Model(given, x)

{rest}
"""


@dataclass(frozen=True)
class Small:
    """Both halves as lists of layers; ``inputs``: of one batch, after their axes."""

    pytorch: str
    keras: str
    shape: tuple[int, ...] = (8, 8, 4)
    scale: float = 1.0
    tokens: int = 0  # > 0: inputs are integers below it
    labels: int = 0  # > 0: so many classes
    rest: str = ""

    def source(self) -> str:
        drawn = f"rng.integers(0, {self.tokens}, (batch, *{self.shape}))"
        if not self.tokens:
            drawn = f"({self.scale} * rng.standard_normal((batch, *{self.shape}))).astype('float32')"
        if self.labels:
            drawn += f", rng.integers(0, {self.labels}, batch)"
        dtype = "int64" if self.tokens else "float32"
        return _FILE.format(
            inputs=drawn, pytorch=self.pytorch, keras=self.keras, shape=self.shape, dtype=dtype, rest=self.rest
        )


class Comparer:
    def __init__(self, children: dict[Framework, Child], scratch: Path) -> None:
        self._children, self._scratch = children, scratch

    def __call__(self, small: Small, *, only_lint: bool = False) -> Comparison:
        source = small.source().encode()
        sha256 = hashlib.sha256(source).hexdigest()
        path = self._scratch / f"{sha256[:12]}.py"
        path.write_bytes(source)
        file = ModelFile(path.name, sha256, "Small", FRAMEWORKS, bool(small.labels))
        return run.compared(self._children, self._scratch, file.id, (path, file), only_lint=only_lint)


@contextmanager
def comparer() -> Iterator[Comparer]:
    """Both children, on one thread."""
    with both_children(run.start_worker) as (children, scratch):
        yield Comparer(children, scratch)

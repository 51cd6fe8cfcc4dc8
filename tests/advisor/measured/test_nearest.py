"""Which network of the catalog a team's own model is most like."""

from __future__ import annotations

import pytest

from advisor.measured.nearest import Nearest, nearest
from probes import catalog
from probes.compare.schema import ModelReport, Outline, OutlinedLayer
from probes.schema import FRAMEWORKS
from probes.team_files import ModelFile

KNOWN = tuple(catalog.modules())


def report(*kinds: str) -> ModelReport:
    layers = tuple(OutlinedLayer(kind, kind, (), 0) for kind in kinds)
    file = ModelFile("ours.py", "d" * 64, "Ours", FRAMEWORKS, trains=True)
    outlines = dict.fromkeys(FRAMEWORKS, Outline(layers, None)) if kinds else {}
    return ModelReport(file, (), outlines, "order", "same")


@pytest.mark.parametrize(
    ("kinds", "network"),
    [
        (("embedding", "recurrent", "dense"), "lstm"),
        (("embedding", "layer_norm", "dense", "gelu"), "transformer"),
        (("embedding", "dense"), "recommender"),
        (("conv", "max_pool", "resize", "conv"), "unet"),
        (("conv", "conv_transpose"), "unet"),
        (("conv", "batch_norm", "dense"), "cnn"),
        (("dense", "batch_norm", "relu"), "mlp"),
    ],
)
def test_by_the_kinds_of_its_layers(kinds: tuple[str, ...], network: str) -> None:
    assert network in KNOWN
    found = nearest(report(*kinds), "cnn", KNOWN)
    assert (found.network, found.because.startswith("both ")) == (network, True)


def test_else_by_what_the_project_works_on() -> None:
    expected = Nearest("unet", "it stands for what your project works on")
    assert nearest(report(), "unet", KNOWN) == expected, "its layers couldn't be told"
    assert nearest(report("layer"), "unet", KNOWN) == expected, "they are all its own"
    assert nearest(report("recurrent"), "unet", ("unet", "mlp")) == expected, "there is no such network here"

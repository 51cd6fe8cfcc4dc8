"""What KerasHub keeps to itself of a configuration; nothing of it is loaded."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from probes.model_file import published_keras
from probes.model_file.published import Published


@pytest.mark.parametrize(
    ("config", "epsilons"),
    [({"rms_norm_eps": 1e-6}, [1e-6, 1e-6]), ({}, [1e-5, 1e-6]), ({"rms_norm_eps": None}, [1e-5, 1e-6])],
)
def test_every_norm_has_the_epsilon_that_the_configuration_names(config: Any, epsilons: list[float]) -> None:
    """KerasHub 0.32.0 gives Qwen3's attention none, so that its norms of queries and keys keep 1e-5."""
    inner, outer = SimpleNamespace(epsilon=1e-5), SimpleNamespace(epsilon=1e-6)
    backbone = SimpleNamespace(layers=[SimpleNamespace(_layers=[inner]), outer, SimpleNamespace(epsilon="none")])
    published_keras._same_epsilon(Published(Path(), config, ()), backbone)
    assert [inner.epsilon, outer.epsilon] == epsilons

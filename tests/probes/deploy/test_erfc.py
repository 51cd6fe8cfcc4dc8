"""GELU in its exact form without erfc. TensorFlow is loaded in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from probes import catalog

pytestmark = pytest.mark.framework
PROGRAM = """
import json
import numpy as np, tensorflow as tf
from probes.deploy import erfc
x = np.linspace(-6, 6, 241, dtype=np.float32)
def traced():
    function = tf.function(lambda x: tf.nn.gelu(x, approximate=False))
    graph = function.get_concrete_function(tf.TensorSpec([None], tf.float32)).graph
    return sorted({operation.type for operation in graph.get_operations()}), function(x).numpy()
before, exact = traced()
with erfc.as_erf():
    inside, same = traced()
after, _ = traced()
print(json.dumps([before, inside, after, float(np.abs(exact - same).max())]))
"""


def test_what_is_traced_inside_has_erf_in_its_place_and_the_same_values() -> None:
    if missing := catalog.not_installed("tensorflow"):
        pytest.skip(missing)
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    before, inside, after, apart = json.loads(done.stdout.splitlines()[-1])
    assert "Erfc" in before
    assert before == after
    assert {"Erf", "Sub"} <= set(inside)
    assert "Erfc" not in inside
    assert apart < 1e-6  # float32 about 1: 1.2e-7, times half of 6
